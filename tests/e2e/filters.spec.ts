/** Filters of frames: set by the menu, by keys and by text; in the address; taken back one by one. */

import type { Page } from '@playwright/test';

import { App, expectedOf } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const CPU = fixture('go', 'cpu.pb.gz');

const chips = (page: Page) => page.locator('eg-filter-bar .chip');

async function write(page: Page, filter: string): Promise<void> {
  await page.getByRole('button', { name: 'Filter…' }).click();
  await page.keyboard.type(filter);
  await page.keyboard.press('Enter');
}

test('filters narrow the result, are in the address, and are taken back', async ({ page }) => {
  const app = await App.showing(page, CPU);
  const expected = (await expectedOf(CPU)).find(({ type }) => type === 'cpu')!;
  const whole = BigInt(expected.total);
  const [name, total] = expected.top_total.find(([, value]) => value < expected.total)!;

  await test.step('a focus keeps the stacks with the function: its total', async () => {
    await write(page, `focus:${name}`);
    await expect(chips(page)).toHaveCount(1);
    await expect.poll(() => app.sum()).toBe(BigInt(total));
  });

  await test.step('the rest of it by an ignore', async () => {
    await page.getByRole('button', { name: `Remove the filter focus:${name}` }).click();
    await expect.poll(() => app.sum()).toBe(whole);
    await write(page, `ignore:${name}`);
    await expect.poll(() => app.sum()).toBe(whole - BigInt(total));
  });

  await test.step('a second one, in order, by the address too', async () => {
    await write(page, 'merge:/^runtime\\./');
    await expect(chips(page)).toHaveCount(2);
    await expect.poll(async () => (await app.rows()).some((row) => row.name.startsWith('runtime.'))).toBe(false);
    expect(await app.sum(), 'merged frames keep their samples').toBe(whole - BigInt(total));
    await page.reload();
    await expect(chips(page).locator('.cut')).toHaveText([`ignore:${name}`, 'merge:/^runtime\\./']);
    expect(await app.sum()).toBe(whole - BigInt(total));
  });

  await test.step('undo, and the back button', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(chips(page)).toHaveCount(1);
    await page.goBack();
    await expect(chips(page)).toHaveCount(2);
    await page.getByRole('button', { name: 'Remove all' }).click();
    await expect(chips(page)).toHaveCount(0);
    await expect.poll(() => app.sum()).toBe(whole);
  });

  await test.step('a wrong one says why, and can be taken back', async () => {
    await write(page, 'focus:/(/');
    await expect(page.locator('eg-panes .state')).toContainText(/bad-/);
    await page.getByRole('button', { name: 'Remove the last filter' }).click();
    await expect.poll(() => app.sum()).toBe(whole);
  });
});

test('values of labels stand in the stacks as frames', async ({ page }) => {
  const app = await App.showing(page, CPU);
  const whole = await app.sum();
  await write(page, 'tagfocus:tenant=acme');
  await expect.poll(() => app.sum()).toBeLessThan(whole);
  const ofTenant = await app.sum();
  expect(ofTenant).toBeGreaterThan(0n);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => app.sum()).toBe(whole);
  await write(page, 'tagroot:handler,tenant');
  await expect(chips(page)).toHaveText([/tagroot:handler,tenant/]);
  await expect.poll(() => app.sum()).toBe(whole);
  await write(page, 'focus:acme');
  await expect.poll(() => app.sum()).toBe(ofTenant);
  await page.reload();
  await expect(chips(page).locator('.cut')).toHaveText(['tagroot:handler,tenant', 'focus:acme']);
  await expect.poll(() => app.sum()).toBe(ofTenant);
});

test('the menu and the keys of a frame filter', async ({ page }) => {
  const app = await App.showing(page, CPU);
  const whole = await app.sum();
  const box = (await app.graph.locator('canvas').first().boundingBox())!;
  await page.mouse.click(box.x + 40, box.y + 70, { button: 'right' });
  const menu = page.locator('eg-frame-menu [popover]');
  await expect(menu).toBeVisible();
  const name = (await menu.locator('.menu-title').textContent()) ?? '';
  await menu.getByRole('menuitem', { name: 'Only stacks with it' }).click();
  await expect(chips(page)).toHaveText([new RegExp(`focus:${name.replace(/[^\w ]/g, '\\$&')}`)]);
  await expect.poll(() => app.sum()).toBeLessThanOrEqual(whole);
  await page.keyboard.press('/');
  await app.graph.locator('.tree').focus();
  await expect(async () => {
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    expect(await app.graph.locator('.announcer').textContent()).toContain('Selected:');
    expect(await app.graph.locator('.announcer').textContent()).not.toContain('Selected: total');
  }).toPass();
  await page.keyboard.press('h');
  await expect(chips(page)).toHaveCount(2);
  await expect(chips(page).nth(1)).toContainText('hide:');
  await app.graph.locator('.tree').focus();
  await page.keyboard.press('u');
  await expect(chips(page)).toHaveCount(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing in the filters: ${colorScheme}, ${width}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const app = await App.showing(page, CPU);
      await write(page, 'hide:/^runtime\\./');
      await write(page, 'focus:/main/');
      await app.sum();
      await page.getByRole('button', { name: 'Add a filter' }).click();
      await expect(page.locator('eg-filter-bar input')).toBeFocused();
      await expectAccessible(page, 'filters');
    });
  }
}
