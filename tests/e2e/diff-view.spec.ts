/** The difference to what a selection is compared with, as a view of the graph. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, test } from './harness.ts';

const view = (page: Page, name: string) => page.locator('eg-breadcrumbs .graphs').getByRole('button', { name, exact: true });

/** Two services of folded stacks; what is shown is `after`, compared with `before`. */
async function comparing(page: Page, folder: string): Promise<App> {
  const [before, after] = [join(folder, 'before.folded'), join(folder, 'after.folded')];
  await writeFile(before, 'main;parse 30\nmain;old 10\nmain;print 60\n');
  await writeFile(after, 'main;parse 90\nmain;new 50\nmain;print 60\n');
  const app = await App.showing(page, before, after);
  await app.pick('after');
  await expect(page).toHaveURL(/service=after/);
  await expect.poll(() => app.sum()).toBe(200n);
  await page.evaluate(() => {
    location.hash = `${location.hash}&base-service=before`;
  });
  await expect(view(page, 'Diff')).toBeVisible();
  return app;
}

/** Name and colour of the painted boxes of the second level. */
async function colours(app: App, page: Page): Promise<Record<string, [red: number, green: number, blue: number]>> {
  const items = app.graph.locator('[role=treeitem][aria-level="3"]');
  const found: Record<string, [number, number, number]> = {};
  for (const item of await items.all()) {
    const box = (await item.boundingBox())!;
    const label = (await item.getAttribute('aria-label')) ?? '';
    const pixel = await app.graph.locator('canvas').first().evaluate((canvas: HTMLCanvasElement, [x, y]) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const [column, row] = [((x! - left) / width) * canvas.width, ((y! - top) / height) * canvas.height];
      return [...canvas.getContext('2d')!.getImageData(Math.round(column), Math.round(row), 1, 1).data];
    }, [box.x + box.width - 6, box.y + box.height / 2]);
    found[label.split(', total')[0]!] = [pixel[0]!, pixel[1]!, pixel[2]!];
  }
  await page.bringToFront();
  return found;
}

test('what grew and what is gone, as shares or as values, in two sets of colours', async ({ page, userData }) => {
  const app = await comparing(page, userData);
  await view(page, 'Diff').click();
  await expect(page).toHaveURL(/view=diff/);
  const bar = page.locator('.diff-bar');
  await expect(bar).toContainText('100');
  await expect(bar).toContainText('200');
  await expect.poll(async () => Object.keys(await colours(app, page)).sort()).toEqual(['new', 'old', 'parse', 'print']);

  const byShare = await colours(app, page);
  const warm = ([red, , blue]: [number, number, number]): boolean => red > blue + 20;
  const cold = ([red, , blue]: [number, number, number]): boolean => blue > red + 20;
  expect(warm(byShare['new']!) && warm(byShare['parse']!), 'new, and from 30 % to 45 %').toBe(true);
  expect(cold(byShare['old']!) && cold(byShare['print']!), 'gone, and from 60 % to 30 %').toBe(true);

  await bar.getByRole('button', { name: 'Values' }).click();
  await expect(page).toHaveURL(/absolute=1/);
  await expect.poll(async () => { const { print } = await colours(app, page); return print !== undefined && !warm(print) && !cold(print); }, '60 as before').toBe(true);

  await bar.getByLabel('Colours of changes').selectOption('Green and red');
  await expect.poll(async () => { const { old } = await colours(app, page); return old !== undefined && old[1] > old[2] + 20 && old[1] > old[0] + 20; }, 'gone is green').toBe(true);
  expect((await colours(app, page))['new']![0]).toBeGreaterThan((await colours(app, page))['new']![1] + 20);
  await page.reload();
  await expect(bar.getByLabel('Colours of changes'), 'the choice stays').toHaveValue('green-red');
  await expect.poll(async () => Object.keys(await colours(app, page)).length).toBe(4);

  await test.step('the tooltip has the base; a zoom is one of the other graphs, too', async () => {
    const box = (await app.graph.locator('[role=treeitem][aria-label^="parse, total"]').boundingBox())!;
    await page.mouse.move(box.x + 20, box.y + 8);
    await page.mouse.move(box.x + 22, box.y + 8);
    await expect(app.graph.locator('.tooltip')).toContainText(/Base\s*30/);
    await page.mouse.click(box.x + 22, box.y + 8);
    await expect(page.locator('eg-breadcrumbs .crumb').last()).toContainText('parse');
    await view(page, 'Icicle').click();
    await expect(page.locator('eg-breadcrumbs .crumb').last()).toContainText('parse');
  });

  await view(page, 'Diff').click();
  await bar.getByRole('button', { name: 'Open the comparison' }).click();
  await expect(page.locator('eg-compare-page')).toBeVisible();
});

test('a base without profiles says so', async ({ page, userData }) => {
  await comparing(page, userData);
  await page.evaluate(() => {
    location.hash = location.hash.replace('base-service=before', 'base-service=nothing&view=diff');
  });
  await expect(page.locator('eg-panes')).toContainText('Nothing to compare with');
  await page.getByRole('button', { name: 'Back to the whole graph' }).click();
  await expect(view(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing: ${colorScheme}, ${width}`, async ({ page, userData }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await comparing(page, userData);
      await view(page, 'Diff').click();
      await expect(page.locator('.diff-bar')).toBeVisible();
      await expectAccessible(page, 'a difference');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, 'nothing is wider than the window').toBeLessThanOrEqual(width);
    });
  }
}
