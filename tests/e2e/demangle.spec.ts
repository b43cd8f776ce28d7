/** Mangled names in the app: demangled, searched either way, and a switch away from what the file says. */

import { inRoot } from '../../scripts/lib/paths.mjs';
import { App } from './app.ts';
import { expect, test } from './harness.ts';

const SHOP = inRoot('tests', 'fixtures', 'mangled', 'shop.callgrind.out');
const GO = inRoot('tests', 'fixtures', 'go', 'cpu.pb.gz');
const MANGLED = '_ZNK4shop4CartINS_4ItemEE5totalEv';
const SHOWN = 'shop::Cart<shop::Item>::total() const';

test('names of C++ are demangled, and the switch is remembered', async ({ page }) => {
  const app = new App(page);
  const fetched: string[] = [];
  page.context().on('request', (request) => fetched.push(request.url()));
  const demangler = (): number => fetched.filter((url) => url.includes('emberglass_demangle_bg')).length;
  const names = async (): Promise<string[]> => (await app.rows()).map(({ name }) => name);

  await test.step('what demangles is fetched when there is something to demangle', async () => {
    await app.open();
    await app.choose(GO);
    await app.imported();
    await app.drawn();
    expect(demangler()).toBe(0);
    await app.choose(SHOP);
    await app.imported();
    await app.pick('Ir');
    await expect.poll(names).toContain(SHOWN);
    expect(await names()).not.toContain(MANGLED);
    expect(demangler()).toBe(1);
  });

  await test.step('both names are found', async () => {
    await page.keyboard.press('/');
    for (const search of ['shop::Cart<shop::Item>::total', MANGLED]) {
      await page.keyboard.type(search);
      await expect.poll(names).toContain(SHOWN);
      await expect(page.locator('eg-view-bar .found')).toHaveText(/^\s*\d+ of \d+/);
      await page.keyboard.press('Escape');
    }
  });

  await test.step('off shows the names of the file, also after a reload', async () => {
    await app.menu('Demangle C++ and Rust names');
    await expect.poll(names).toContain(MANGLED);
    await page.reload();
    await expect.poll(names).toContain(MANGLED);
    expect(await names()).not.toContain(SHOWN);
    await app.menu('Demangle C++ and Rust names');
    await expect.poll(names).toContain(SHOWN);
  });
});

test('a demangler that cannot be fetched is told, and tried again', async ({ context, page, problems }) => {
  problems.expect(/ERR_FAILED/);
  const app = new App(page);
  const module = '**/emberglass_demangle_bg*.wasm';
  await context.route(module, (route) => route.abort());
  await app.open();
  await app.choose(SHOP);
  await app.imported();
  await expect(page.locator('eg-notices')).toContainText('demangler-missing');
  await context.unroute(module);
  await app.pick('Ir');
  await page.reload();
  await expect.poll(async () => (await app.rows()).map(({ name }) => name)).toContain(SHOWN);
  await expect(page.locator('eg-notices')).not.toContainText('demangler-missing');
});
