/**
 * The pages as they were accepted: `accepted/` has a picture of each, and a change that nobody meant fails here. Text is not
 * drawn alike everywhere, so that a specimen is drawn first: where it differs from its own picture the others say nothing
 * about the app, and are skipped. `npm run accept-pictures` takes the pictures anew that differ; look at them before they are committed.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { Locator, Page, TestInfo } from '@playwright/test';

import { App } from './app.ts';
import { expect, fixture, inRoot, launch, test } from './harness.ts';

const CPU = 'v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds';
const THREADS = 'v=1&service=threads&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&view=time&panes=flame';
const SIDES = 'from=2026-11-23T13:36:51Z&base-until=2026-11-23T13:36:51Z&base-service=shop';
const FIXED = { deviceScaleFactor: 1, locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce' } as const;
const SPECIMEN = 'specimen.png';
/** A picture that is not as accepted is taken anew for so long: what is painted may be a frame behind; ms. */
const PATIENCE = 4_000;
/** What is not there yet. */
const PENDING = '[aria-busy="true"], .skeleton:visible, emberglass-flamegraph .tree:not([role="tree"])';

/** The font stacks that a page has. */
function fontsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => ['--eg-font', '--eg-mono'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).replaceAll('"', "'")));
}

/** Draws the specimen; gives its fonts, and how it differs from the accepted one, or null. */
async function drawSpecimen(page: Page, info: TestInfo): Promise<{ fonts: string[]; difference: string | null }> {
  await page.setContent(await readFile(inRoot('tests', 'e2e', 'specimen.html'), 'utf8'));
  const fonts = await fontsOf(page);
  if (info.config.updateSnapshots === 'none') expect(existsSync(info.snapshotPath(SPECIMEN, { kind: 'screenshot' })), 'an accepted specimen').toBe(true);
  try {
    await expect(page.locator('body')).toHaveScreenshot(SPECIMEN, { maxDiffPixels: 0 });
    return { fonts, difference: null };
  } catch (error) {
    const difference = /\d+ pixels|Expected an image[^.]*/.exec(String(error))?.[0];
    if (difference === undefined) throw error;
    return { fonts, difference };
  }
}

for (const [width, height] of [[1440, 600], [480, 600]] as const) {
  test(`the pages look as they were accepted, ${width} wide`, async ({ site, userData, problems }, info) => {
    test.slow();
    const context = await launch(userData, { baseURL: site.url, viewport: { width, height }, colorScheme: 'light', ...FIXED });
    problems.watch(context, site);
    const page = context.pages()[0] ?? (await context.newPage());
    const narrow = width < 720;

    const { fonts, difference } = await drawSpecimen(page, info);
    if (difference !== null) {
      await context.close();
      const why = `skipped: this machine draws text or lines differently than the one where the pictures were accepted (${difference} of the specimen)`;
      process.stdout.write(`${info.title}: ${why}\n`);
      test.skip(true, why);
    }

    await page.clock.setFixedTime('2026-11-23T14:00:00Z');
    const app = new App(page);
    await app.open();
    expect(await fontsOf(page), 'the specimen has the fonts of the app').toEqual(fonts);

    // The policy of the page refuses what Playwright would add by `stylePath`.
    await page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets.push(sheet);
    }, await readFile(inRoot('tests', 'e2e', 'pictures.css'), 'utf8'));

    /** Compares a part of the page, or all of it, in both themes. */
    const look = async (name: string, part: Page | Locator = page, clip?: { height: number }): Promise<void> => {
      await test.step(name, async () => {
        await expect(page.locator(PENDING)).toHaveCount(0);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const picture = `${name}-${width}-${colorScheme}.png`;
          await expect
            .soft(() =>
              clip === undefined ? expect(part as Locator).toHaveScreenshot(picture) : expect(page).toHaveScreenshot(picture, { clip: { x: 0, y: 0, width, ...clip } }),
            )
            .toPass({ timeout: PATIENCE });
        }
        await page.emulateMedia({ colorScheme: 'light' });
      });
    };
    const show = async (fragment: string): Promise<void> => {
      await page.goto(`/#${CPU}${fragment}`);
      await app.sum();
    };

    await look('home');
    await app.choose(fixture('malformed', 'truncated.pb.gz'), fixture('malformed', 'png-renamed.pb.gz'));
    await app.imported();
    await look('refused', app.report);
    await page.keyboard.press('Escape');

    await app.drop(fixture('series'));
    await expect(app.status).toContainText('238 profiles imported from 60 files');
    await app.imported();
    await page.keyboard.press('Escape');
    await show('');
    await app.drawn();
    await look('flame');
    const pane = page.locator('eg-panes section.flame');
    await show('&view=inverted');
    await look('inverted', pane);
    await show('&view=sandwich&pivot="runtime.mallocgc"');
    await expect(app.graph).toHaveCount(2);
    await look('sandwich', pane);
    await show('&filter=preset:go-runtime&filter=focus:main.handleCheckout&match={region="eu"}');
    await expect(page.locator('eg-filter-bar .chip')).toHaveCount(2);
    await look('filters', page, { height: 320 });
    await show('&panes=table&search=json');
    await expect(page.locator('eg-view-bar .found')).toContainText('%');
    await look('table', page, { height: 420 });
    await show('&strip=groups&by=region');
    await expect(page.locator('eg-series-groups .value')).toHaveCount(3);
    await look('groups', page.locator('eg-series-groups'));
    await show('&strip=heat');
    await expect(page.locator('eg-heat-map canvas')).toHaveAttribute('aria-label', /steps/);
    await look('heat', page.locator('eg-heat-map'));
    await page.goto(`/#${CPU}&view=source&panes=flame&file=example.com/shop/main.go`);
    await expect(page.locator('eg-source-lines .line-row.active')).toBeVisible();
    await look('source', page.locator('eg-source'));

    await show('');
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.locator('eg-palette .pick-row').first()).toBeVisible();
    await look('palette', page.locator('eg-palette dialog'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await look('keys', page.getByRole('dialog'));
    await page.keyboard.press('Escape');

    await page.goto(`/#${CPU}&page=compare&${SIDES}`);
    await expect(page.locator('eg-compare-page').getByRole('grid').getByRole('row').nth(1)).toContainText('main.applyDiscounts');
    await look('compare');
    if (narrow) {
      await page.locator('eg-compare-page').getByRole('button', { name: 'Flame', exact: true }).press('Enter');
      await look('compare-graph');
    }

    await page.setViewportSize({ width, height: 760 });
    await show('&page=files');
    const files = page.locator('eg-files-page');
    await files.getByLabel('Order').selectOption('name');
    await files.locator('.line .what').nth(1).press('Enter');
    await expect(files.getByRole('region', { name: /^Details of/ })).toBeVisible();
    await look('files', files);
    await show('&page=storage');
    const storage = page.locator('eg-storage-page');
    await expect(storage).toContainText('To be merged');
    await expect(storage).toContainText('used by this site');
    await look('storage', storage);

    await page.goto(`/#${THREADS}`);
    await app.choose(fixture('gecko', 'threads.samply.json.gz'));
    await app.imported();
    await page.keyboard.press('Escape');
    await expect(app.graph).toHaveAttribute('timed', '');
    await app.drawn();
    await look('time', pane);
    await context.close();
  });
}
