/** The compare page: one click from a view to the difference with what lies before it, by table, graph and time lines. */


import { App, exactIn } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

test('a selection is compared with what lies before it, and the address says so', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.getByRole('button', { name: 'Open the example profiles' }).first().click();
  await app.imported();
  await app.sum();
  await app.menu('Compare with just before');
  const compare = page.locator('eg-compare-page');
  await expect(page).toHaveURL(/page=compare/);
  await expect(page).toHaveURL(/base-from=/);
  const table = compare.getByRole('grid', { name: 'Functions of the comparison' });
  await expect(table.getByRole('row').nth(1)).toContainText(/\d/);
  const totals = compare.locator('.what .sum');
  const base = exactIn(await totals.nth(0).getAttribute('title'));
  const head = exactIn(await totals.nth(1).getAttribute('title'));
  expect(base).toBeGreaterThan(0n);
  expect(head).toBeGreaterThan(0n);

  // Falling changes, as they are sorted first.
  const changes = async (): Promise<number[]> =>
    (await table.locator('.rows .row > :nth-child(4)').evaluateAll((cells) => cells.map((cell) => Number(/(\S+) percentage points/.exec(cell.getAttribute('title') ?? '')?.[1]))));
  await expect.poll(async () => (await changes()).length).toBeGreaterThan(3);
  const seen = await changes();
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
  await compare.getByRole('button', { name: 'Shrunk', exact: true }).click();
  await expect(page).toHaveURL(/change=shrunk/);
  await expect.poll(async () => (await changes()).every((change) => change < 0)).toBe(true);
  await compare.getByRole('button', { name: 'All', exact: true }).click();
  await app.drawn();

  const url = page.url();
  await compare.getByRole('button', { name: 'Swap', exact: true }).click();
  await expect.poll(async () => exactIn(await totals.nth(0).getAttribute('title'))).toBe(head);
  await expect.poll(async () => exactIn(await totals.nth(1).getAttribute('title'))).toBe(base);
  await page.goBack();
  expect(page.url()).toBe(url);
  await expect.poll(async () => exactIn(await totals.nth(0).getAttribute('title'))).toBe(base);

  // The base's own time line selects its range.
  const strip = compare.locator('eg-time-strip').first();
  const box = await strip.boundingBox();
  if (box === null) throw new Error('no time line');
  await page.mouse.move(box.x + box.width * 0.1, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(page).not.toHaveURL(url);
  await page.reload();
  await expect(compare.getByLabel('Base from')).not.toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(compare).toHaveCount(0);
});

test('what is shown is compared with a file; a base without profiles says what to do', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(fixture('go', 'cpu.pb.gz'));
  await app.imported();
  const sum = await app.sum();
  await app.menu('Files');
  await page.locator('eg-files-page .what').first().click();
  await page.getByRole('button', { name: 'Compare with it' }).click();
  const compare = page.locator('eg-compare-page');
  await expect.poll(async () => exactIn(await compare.locator('.what .sum').first().getAttribute('title'))).toBe(sum);
  await expect(compare.getByRole('button', { name: 'Grown', exact: true })).toBeVisible();
  await compare.getByRole('button', { name: 'New', exact: true }).click();
  await expect(compare).toContainText('No function is new');
  await compare.getByLabel('Base until').fill('2001-01-01');
  await compare.getByLabel('Base from').fill('2000-01-01');
  await compare.getByLabel('Base from').press('Enter');
  await expect(compare.getByRole('heading', { name: 'The base (A) has no profiles' })).toBeVisible();
  await compare.getByLabel('Labels of the base').fill('region=');
  await compare.getByLabel('Labels of the base').press('Enter');
  await expect(compare.getByRole('alert')).toContainText('bad-selector');
});

test('the palette does everything by keyboard', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = new App(page);
  await app.open();
  await app.choose(fixture('go', 'cpu.pb.gz'), fixture('java', 'app.jfr'));
  await app.imported();
  await app.command('storage');
  await expect(page.locator('eg-storage-page')).toBeVisible();
  await page.keyboard.press('Escape');
  const [service, types] = Object.entries(await app.catalog())[0] ?? ['', []];
  await app.command(`${service} ${types[0]}`);
  await expect(page.locator('eg-profile-picker .service')).toHaveText(service);
  await app.command('table only');
  await expect(app.graph).toHaveCount(0);
  await app.command('last hour');
  await expect(page).toHaveURL(/from=end-1h/);
  await app.command('copy link');
  await expect(page.getByText('Copied the link to this view')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await app.command('utc');
  await expect(page.locator('eg-range-picker .utc input')).toBeChecked();
  await app.command('keys');
  await expect(page.getByRole('dialog')).toContainText('Everything that can be done');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('no such command');
  await expect(page.locator('eg-palette')).toContainText('Nothing matches.');
  await page.keyboard.press('Escape');
  await expect(page.locator('eg-palette dialog')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [[1440, 900], [480, 900]] as const) {
    test(`axe finds nothing in the comparison and the palette: ${colorScheme}, ${width} wide`, async ({ page }, info) => {
      test.slow();
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      const app = new App(page);
      await app.open();
      await page.getByRole('button', { name: 'Open the example profiles' }).first().click();
      await app.imported();
      await app.menu('Compare with just before');
      const compare = page.locator('eg-compare-page');
      await expect(compare.getByRole('grid', { name: 'Functions of the comparison' }).getByRole('row').nth(3)).toContainText(/\d/);
      await page.screenshot({ path: info.outputPath('compare.png') });
      await expectAccessible(page, 'comparison');
      await page.keyboard.press('ControlOrMeta+k');
      await expect(page.locator('eg-palette .pick-row').first()).toBeVisible();
      await page.screenshot({ path: info.outputPath('palette.png') });
      await expectAccessible(page, 'palette');
    });
  }
}
