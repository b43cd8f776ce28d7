/** Label matchers: what can stand at the caret, chips, and their values. */

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, test } from './harness.ts';

test('a matcher is written with the keyboard, from what there is', async ({ page }, info) => {
  const app = await App.withSeries(page);
  const whole = await app.sum();
  const input = page.getByLabel('Label matchers', { exact: true });
  const candidates = page.getByRole('listbox', { name: 'What can stand here' });

  await test.step('names, operators and values with their profiles', async () => {
    await input.focus();
    await page.keyboard.type('reg');
    await expect(candidates.getByRole('option').first()).toContainText('region');
    await page.keyboard.press('Tab');
    await expect(input).toHaveValue('region');
    await expect(candidates.getByRole('option').first()).toContainText('=');
    await page.keyboard.type('="');
    await expect(candidates.getByRole('option')).toContainText(['eu30', 'us30']);
    await page.screenshot({ path: info.outputPath('candidates.png') });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(input).toHaveValue('region="eu"');
    await page.keyboard.press('Escape');
    await expect(candidates).toBeHidden();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/match=/);
  });
  const eu = await app.sum();
  expect(eu).toBeGreaterThan(0n);
  expect(eu).toBeLessThan(whole);

  await test.step('chips are negated, given another value, removed', async () => {
    await page.locator('eg-top-bar').getByText('Emberglass', { exact: true }).click();
    const chip = page.getByRole('listitem').filter({ hasText: 'region = eu' });
    await expect(chip).toBeVisible();
    await page.screenshot({ path: info.outputPath('chips.png') });
    await expectAccessible(page, 'chips');
    await chip.getByRole('button').first().click();
    const values = page.getByRole('dialog', { name: 'Values of region' });
    await expect(values.getByRole('option')).toHaveCount(2);
    await page.screenshot({ path: info.outputPath('values.png') });
    await expectAccessible(page, 'values of a matcher');
    await values.getByRole('button', { name: 'is not', exact: true }).click();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listitem').filter({ hasText: 'region != eu' })).toBeVisible();
    expect(await app.sum()).toBe(whole - eu);
    await page.getByRole('button', { name: 'Remove region != eu' }).click();
    await expect.poll(() => app.sum()).toBe(whole);
    await page.goBack();
    await expect(page.getByRole('listitem').filter({ hasText: 'region != eu' })).toBeVisible();
    await page.getByRole('listitem').filter({ hasText: 'region' }).getByRole('button').first().press('Delete');
    await expect.poll(() => app.sum()).toBe(whole);
  });

  await test.step('the text stays at hand', async () => {
    await input.fill('{region=~"e.*", endpoint!="/pay"}');
    await input.press('Enter');
    await page.locator('eg-top-bar').getByText('Emberglass', { exact: true }).click();
    await expect(page.getByRole('list', { name: 'Label matchers in force' }).getByRole('listitem')).toHaveCount(2);
    await page.locator('eg-matcher-chips ul').click({ position: { x: 600, y: 10 } });
    await expect(input).toBeFocused();
    await expect(input).toHaveValue('{region=~"e.*", endpoint!="/pay"}');
  });
});
