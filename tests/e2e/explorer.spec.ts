/** Finding the way through what is stored: comparing by one click, labels, single profiles; on recorded profiles of two regions. */

import type { Page } from '@playwright/test';

import { App, exactIn } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

/** Narrows the selection to a matcher by its text. */
async function match(page: Page, text: string): Promise<void> {
  const input = page.getByLabel('Label matchers', { exact: true });
  await input.fill(text);
  await input.press('Enter');
  await page.locator('eg-top-bar .brand').click();
}

test.describe('comparing by one click', () => {
  test('with a value of a label: from the menu, without and with a matcher of the label', async ({ page }, info) => {
    const app = await App.withSeries(page);
    await match(page, '{region="eu"}');
    const eu = await app.sum();
    await match(page, '{region="us"}');
    await expect.poll(() => app.sum()).not.toBe(eu);
    const us = await app.sum();
    const compare = page.locator('eg-compare-page');
    const totals = compare.locator('.what .sum');
    const sides = async (): Promise<bigint[]> => (await totals.evaluateAll((each) => each.map((sum) => sum.getAttribute('title')))).map(exactIn);

    await app.menu('Compare with…');
    const dialog = page.getByRole('dialog', { name: 'Compare with' });
    await expect(dialog.getByRole('option', { name: /^eu\b/ })).toContainText('30');
    // The value that is selected is nothing to compare with.
    await expect(dialog.getByRole('option', { name: /^us/ })).toHaveCount(0);
    await page.screenshot({ path: info.outputPath('value.png') });
    await expectAccessible(page, 'choice of a value');
    await page.keyboard.type('region eu');
    await page.keyboard.press('Enter');
    await expect.poll(sides).toEqual([eu, us]);
    await expect(compare.getByLabel('Labels of the base')).toHaveValue('{region="eu"}');

    await page.keyboard.press('Escape');
    await match(page, '');
    await expect(page.getByLabel('Label matchers', { exact: true })).toHaveValue('');
    const whole = await app.sum();
    await app.command('compare with a label');
    await expect(dialog.getByRole('option').first()).toBeVisible();
    await page.keyboard.type('region eu');
    await page.keyboard.press('Enter');
    // What has the value is on one side only.
    await expect.poll(sides).toEqual([eu, whole - eu]);
    await page.goBack();
    await expect(compare).toHaveCount(0);
    expect(await app.sum()).toBe(whole);
  });

  test('with the hour before and the day before: from the menu and the palette', async ({ page }) => {
    const app = new App(page);
    await app.open();
    await page.getByRole('button', { name: 'Open the example profiles' }).first().click();
    await app.imported();
    await app.sum();
    const shift = (name: string): number => {
      const fields = new URLSearchParams(new URL(page.url()).hash.slice(1));
      return (Date.parse(fields.get(name) ?? '') - Date.parse(fields.get(`base-${name}`) ?? '')) / 3_600_000;
    };
    await app.menu('Compare with…');
    await expect(page.getByRole('dialog', { name: 'Compare with' }).getByRole('option', { name: /the hour before/ })).toBeVisible();
    await page.keyboard.type('hour before');
    await page.keyboard.press('Enter');
    await expect(page.locator('eg-compare-page')).toBeVisible();
    expect([shift('from'), shift('until')]).toEqual([1, 1]);
    await page.goBack();
    await app.command('compare day before');
    await expect(page.locator('eg-compare-page')).toBeVisible();
    expect([shift('from'), shift('until')]).toEqual([24, 24]);
  });
});

test.describe('matchers from a list', () => {
  for (const [width, height] of [[1440, 900], [480, 900]] as const) {
    test(`a label, how it compares, one value or several: by keyboard, ${width} wide`, async ({ page }, info) => {
      const app = await App.withSeries(page);
      const whole = await app.sum();
      await page.setViewportSize({ width, height });
      const chips = page.getByRole('list', { name: 'Label matchers in force' }).getByRole('listitem');
      const add = page.locator('eg-matcher-input .add');
      const options = page.locator('eg-matcher-builder').getByRole('option');

      await test.step('one value', async () => {
        await add.press('Enter');
        await expect(options.filter({ hasText: 'region' })).toContainText('2 values');
        await page.screenshot({ path: info.outputPath('labels.png') });
        await page.keyboard.type('reg');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('dialog', { name: 'Values of region' })).toBeVisible();
        await expect(options).toContainText(['eu', 'us']);
        await page.keyboard.type('eu');
        await page.keyboard.press('Enter');
        await expect(chips).toHaveText([/region\s*=\s*eu/]);
        await expect(add).toBeFocused();
      });
      const eu = await app.sum();
      expect(eu).toBeLessThan(whole);

      await test.step('among what the other matchers leave, and back from it', async () => {
        await add.press('Enter');
        await expect(options.filter({ hasText: 'region' })).toContainText('1 value');
        // Backspace takes the last one away.
        await page.keyboard.press('Backspace');
        await expect(chips).toHaveCount(0);
        await expect(options.filter({ hasText: 'region' })).toContainText('2 values');
        await page.keyboard.press('Escape');
        await page.goBack();
        await expect(chips).toHaveCount(1);
        expect(await app.sum()).toBe(eu);
      });

      await test.step('several values of a matcher that is there', async () => {
        await chips.first().getByRole('button').first().press('Enter');
        await expect(options).toContainText(['eu', 'us']);
        await expect(options.nth(0)).toHaveAttribute('aria-selected', 'true');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Shift+Enter');
        await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
        await page.screenshot({ path: info.outputPath('several.png') });
        await expectAccessible(page, 'values of a matcher');
        await page.getByRole('button', { name: 'Apply 2 values' }).click();
        await expect(chips).toHaveText([/region\s*=~\s*eu\|us/]);
        expect(await app.sum()).toBeGreaterThan(eu);
      });

      await test.step('an expression as it is typed, and what it does not match', async () => {
        const matched = await app.sum();
        await chips.first().getByRole('button').first().click();
        await page.getByRole('button', { name: 'does not match the regular expression' }).click();
        await expect.poll(() => app.sum()).toBe(whole - matched);
        await page.keyboard.type('e.*');
        await expect(options.first()).toHaveText('e.*');
        await page.keyboard.press('Enter');
        await expect(chips).toHaveText([/region\s*!~\s*e\.\*/]);
        await expect.poll(() => app.sum()).toBe(whole - eu);
      });
    });
  }
});

test.describe('profiles one by one', () => {
  for (const [width, height, colorScheme] of [[1440, 900, 'light'], [480, 900, 'dark']] as const) {
    test(`from the list to one of a series and its neighbours, ${width} wide, ${colorScheme}`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      const app = await App.withSeries(page);
      await match(page, '{region="eu"}');
      await expect(page.locator('eg-statistics')).toContainText('30 profiles');
      await page.setViewportSize({ width, height });
      const stored = await page.evaluate(() =>
        emberglass.client.call('profiles', { profileType: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds', matchers: '{service_name="shop", region="eu"}', from: null, until: null }, 0, 100),
      );
      expect(stored.count).toBe(30);

      await page.locator('eg-statistics').getByRole('button').first().click();
      const statistics = page.getByRole('dialog', { name: 'Statistics of the selection' });
      await expect(statistics.getByRole('row').filter({ hasText: 'region' })).toContainText('eu 30');
      await page.screenshot({ path: info.outputPath('statistics.png') });
      await statistics.getByRole('button', { name: 'List the profiles' }).click();
      const list = page.locator('eg-profiles-page');
      const rows = list.getByRole('list').getByRole('button');
      await expect(list).toContainText('30 profiles of the selection');
      await expect(rows.first()).toContainText('region=eu');
      await expect(rows.first().locator('.value')).toBeInViewport({ ratio: 1 });
      await page.screenshot({ path: info.outputPath('profiles.png') });
      await expectAccessible(page, 'profiles');

      await rows.nth(5).click();
      await expect(list).toContainText('6 of 30 in its series');
      await list.getByRole('button', { name: 'All profiles of the selection' }).click();
      await expect(rows.first()).toContainText('region=eu');
      await rows.nth(2).click();
      await expect(list).toContainText('3 of 30 in its series');
      await expect(list.getByText('pprof')).toBeVisible();
      await page.screenshot({ path: info.outputPath('profile.png') });
      await expectAccessible(page, 'one profile');
      await list.getByRole('button', { name: 'Show it alone' }).click();
      await expect.poll(() => app.sum()).toBe(stored.rows[2]?.total);
      await list.getByRole('button', { name: 'Next profile of the series' }).click();
      await expect(list).toContainText('4 of 30 in its series');
      await expect.poll(() => app.sum()).toBe(stored.rows[3]?.total);
      await list.getByRole('button', { name: 'Compare with the previous' }).click();
      const totals = page.locator('eg-compare-page .what .sum');
      await expect.poll(async () => (await totals.evaluateAll((each) => each.map((sum) => sum.getAttribute('title')))).map(exactIn)).toEqual([stored.rows[2]?.total, stored.rows[3]?.total]);
    });
  }

  test('threads of a recording, and a selection without any profile', async ({ page }, info) => {
    const app = new App(page);
    await app.open();
    await app.choose(fixture('java', 'async.jfr.gz'));
    await app.imported();
    await page.keyboard.press('Escape');
    const whole = await app.sum();
    await app.command('Profiles of the selection');
    const list = page.locator('eg-profiles-page');
    // Long labels leave room for the value.
    await expect(list.getByRole('list').getByRole('button').first().locator('.value')).toBeInViewport({ ratio: 1 });
    await list.getByRole('list').getByRole('button').first().click();
    const threads = list.getByRole('region', { name: 'Threads of the recording' }).getByRole('button');
    await expect.poll(() => threads.count()).toBeGreaterThan(1);
    await page.screenshot({ path: info.outputPath('threads.png') });
    const name = (await threads.first().locator('.mono').textContent()) ?? '';
    await threads.first().click();
    await expect.poll(() => app.sum()).toBeLessThan(whole);
    await expect(page.getByRole('list', { name: 'Label matchers in force' })).toContainText(name);

    await list.getByRole('button', { name: 'All profiles of the selection' }).click();
    await match(page, '{region="nowhere"}');
    await expect(list.getByRole('heading', { name: 'No profiles in this selection' })).toBeVisible();
    await list.getByRole('button', { name: 'All data of this type' }).click();
    await expect.poll(() => app.sum()).toBe(whole);
    await page.keyboard.press('Escape');
    await expect(list).toHaveCount(0);
  });
});

test.describe('grouping', () => {
  for (const [width, height, colorScheme] of [[1440, 900, 'dark'], [480, 900, 'light']] as const) {
    test(`by several labels, chosen from the list, ${width} wide, ${colorScheme}`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      const app = await App.withSeries(page);
      const whole = await app.sum();
      await page.getByRole('group', { name: 'What is shown over time' }).getByRole('button', { name: 'By label' }).click();
      await page.setViewportSize({ width, height });
      const names = page.locator('eg-series-groups .value');
      await expect(names).toHaveText(['eu', 'us', '(none)']);
      const by = page.getByRole('button', { name: 'Labels to group by' });
      await by.click();
      const dialog = page.getByRole('dialog', { name: 'Labels to group by' });
      await expect(dialog.getByRole('option', { name: /^region/ })).toHaveAttribute('aria-selected', 'true');
      await page.keyboard.type('endpoint');
      await page.keyboard.press('Shift+Enter');
      await expect(by).toHaveText('region, endpoint');
      await expect(names).toHaveText(['eu · /pay', 'us · /pay', '(none) · (none)']);
      await page.screenshot({ path: info.outputPath('several.png') });
      await expectAccessible(page, 'labels to group by');
      await page.keyboard.press('Escape');
      await names.first().click();
      await expect(page.getByRole('list', { name: 'Label matchers in force' }).getByRole('listitem')).toHaveText([/region\s*=\s*eu/, /endpoint\s*=\s*\/pay/]);
      await expect.poll(() => app.sum()).toBeLessThan(whole);
    });
  }

  test('by the first parts of values: one of them beside the rest', async ({ page }) => {
    const app = new App(page);
    await app.open();
    await app.choose(fixture('java', 'app.jfr'));
    await app.imported();
    await page.keyboard.press('Escape');
    await app.pick('alloc_sample_bytes');
    await expect(page).toHaveURL(/alloc_sample_bytes/);
    const whole = await app.sum();
    const stored = await page.evaluate(async () => {
      const type = 'memory:alloc_sample_bytes:bytes::';
      const { rows } = await emberglass.client.call('profiles', { profileType: type, matchers: '{service_name="app"}', from: null, until: null }, 0, 1000);
      return rows.map(({ labels, total }) => ({ class: labels.find(([name]) => name === 'class')?.[1] ?? '', total }));
    });
    const java = stored.filter((each) => each.class.startsWith('java.util.') || each.class === 'java.util').reduce((sum, { total }) => sum + total, 0n);
    expect(java).toBeGreaterThan(0n);
    await page.getByRole('group', { name: 'What is shown over time' }).getByRole('button', { name: 'By label' }).click();
    await page.getByRole('button', { name: 'Labels to group by' }).click();
    await page.keyboard.type('class/2');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/by=class\/2/);
    const group = page.locator('eg-series-groups').getByRole('listitem').filter({ has: page.getByText('java.util', { exact: true }) });
    await group.getByRole('button', { name: 'Compare class/2 = java.util with the rest' }).click();
    const totals = page.locator('eg-compare-page .what .sum');
    await expect.poll(async () => (await totals.evaluateAll((each) => each.map((sum) => sum.getAttribute('title')))).map(exactIn)).toEqual([whole - java, java]);
    await page.goBack();
    await group.locator('.value').click();
    await expect.poll(() => app.sum()).toBe(java);
  });
});
