/** The views of the graph: from the root either way up, from the leaves, around a function. */

import type { Page } from '@playwright/test';

import { App, exactIn, expectedOf } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const CPU = fixture('go', 'cpu.pb.gz');

const button = (page: Page, name: string) => page.locator('eg-breadcrumbs .graphs').getByRole('button', { name, exact: true });

/** What the frame at a point is, from the line at the lower edge of the page. */
async function hovered(app: App, x: number, y: number): Promise<string> {
  await app.page.mouse.move(x - 1, y);
  await app.page.mouse.move(x, y);
  // Without the time that the query took.
  return ((await app.status.textContent()) ?? '').split(/\d+ profiles/)[0] ?? '';
}

test('the root may stand at the lower edge; a zoom stays', async ({ page }) => {
  const app = await App.showing(page, CPU);
  const canvas = app.graph.locator('canvas').first();
  const box = (await canvas.boundingBox())!;
  await page.mouse.click(box.x + 40, box.y + 50);
  await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(3);
  await button(page, 'Flame').click();
  expect(page.url()).toContain('view=flame');
  await expect(page.locator('eg-breadcrumbs .crumb'), 'the zoom stays').toHaveCount(3);
  await expect.poll(() => hovered(app, box.x + 40, box.y + box.height - 10)).toContain('100 %');
  const names = async (level: number): Promise<string> => (await hovered(app, box.x + 40, box.y + box.height - level * 20 - 10)).trim();
  const second = await names(2);
  await page.reload();
  await app.drawn();
  await expect.poll(() => names(2), 'the address says so').toBe(second);
  await page.mouse.click(box.x + 40, box.y + box.height - 10);
  await expect(page.locator('eg-breadcrumbs .crumb'), 'the root zooms out').toHaveCount(1);

  await test.step('the arrows go where the boxes are', async () => {
    const said = (): Promise<string | null> => app.graph.locator('.announcer').textContent();
    await page.keyboard.press('/');
    await app.graph.locator('.tree').focus();
    await page.keyboard.press('Home');
    await expect.poll(said).toContain('100 %');
    const root = await said();
    await page.keyboard.press('ArrowUp');
    await expect.poll(said, 'callees are above').not.toBe(root);
    await page.keyboard.press('ArrowDown');
    await expect.poll(said).toBe(root);
  });

  await page.goBack();
  await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(3);
  await page.goBack();
  await expect(button(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
});

test('from the leaves: the levels below the root are the self values of the top table', async ({ page }) => {
  const app = await App.showing(page, CPU);
  const expected = (await expectedOf(CPU)).find(({ type }) => type === 'cpu')!;
  const [name, self] = expected.top_self[0]!;
  await page.keyboard.press('/');
  await page.keyboard.type('runtime');
  await button(page, 'Inverted').click();
  expect(page.url()).toContain('view=inverted');
  await expect(page.locator('eg-view-bar input'), 'the search stays').toHaveValue('runtime');
  await app.drawn();
  const said = (): Promise<string | null> => app.graph.locator('.announcer').textContent();
  await app.graph.locator('.tree').focus();
  await page.keyboard.press('Home');
  await expect.poll(said).toContain('100 %');
  await page.keyboard.press('ArrowDown');
  await expect.poll(said).toContain(`Selected: ${name}`);
  const share = (self / expected.total) * 100;
  expect(await said()).toContain(`${share.toPrecision(3)} %`);
  await page.keyboard.press('i');
  await expect(button(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
  expect(await app.sum()).toBe(BigInt(expected.total));
});

test('around a function: its callers above, what it calls below, both of its total', async ({ page }) => {
  const app = await App.showing(page, CPU);
  await button(page, 'Sandwich').click();
  await expect(page.locator('eg-panes')).toContainText('No function chosen');
  const row = app.table.locator('.row').nth(1);
  const name = (await row.locator('.name').textContent()) ?? '';
  const total = exactIn((await row.locator('[role=gridcell]').nth(2).getAttribute('title')) ?? '');
  await row.locator('.name').click();
  const halves = page.locator('emberglass-flamegraph');
  await expect(halves).toHaveCount(2);
  expect(decodeURIComponent(page.url().replaceAll('+', ' '))).toContain(`pivot="${name}"`);
  for (const half of [0, 1]) {
    const total_ = await halves.nth(half).evaluate((graph) => (graph as unknown as { source: { result: { total: bigint } } }).source.result.total);
    expect(total_).toBe(total);
    await expect(halves.nth(half).getByRole('tree')).toBeVisible();
    await expect(halves.nth(half).locator(`[role=treeitem][aria-level="2"]`).first()).toHaveAttribute('aria-label', new RegExp(`^${name.replace(/[^\w ]/g, '\\$&')}, total`));
  }
  const first = await halves.nth(0).locator('[role=treeitem][aria-level="1"]').boundingBox();
  const second = await halves.nth(0).locator('[role=treeitem][aria-level="2"]').first().boundingBox();
  expect(second!.y, 'callers stand above').toBeLessThan(first!.y);
  await page.reload();
  await expect(halves).toHaveCount(2);
  await page.goBack();
  await page.goBack();
  await expect(halves).toHaveCount(1);

  await test.step('from the menu of a frame too', async () => {
    await app.drawn();
    const box = (await app.graph.locator('canvas').first().boundingBox())!;
    await expect(async () => {
      await page.mouse.click(box.x + 40, box.y + 50, { button: 'right' });
      await expect(page.locator('eg-frame-menu [popover]')).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.getByRole('menuitem', { name: /callers and what it calls/ }).click();
    await expect(halves).toHaveCount(2);
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing in the views: ${colorScheme}, ${width}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await App.showing(page, CPU);
      for (const name of ['Flame', 'Inverted', 'Sandwich']) {
        await button(page, name).click();
        await expect(button(page, name)).toHaveAttribute('aria-pressed', 'true');
        await expectAccessible(page, name);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, 'nothing is wider than the window').toBeLessThanOrEqual(width);
    });
  }
}
