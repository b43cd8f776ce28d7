/** The installed app: without a network, brought up to date, and with files from outside of the page. */

import { cp, readFile, rm, writeFile } from 'node:fs/promises';

import { SITE } from '../../scripts/lib/paths.mjs';
import { serve } from '../../scripts/serve.mjs';
import { App } from './app.ts';
import { expect, fixture, governed, launch, testWithServiceWorker as test } from './harness.ts';

test('without a network the page starts, shows what is stored, and imports', async ({ page, context }) => {
  const app = new App(page);
  await app.open();
  await governed(page);
  await app.choose(fixture('go', 'cpu.pb.gz'));
  await app.imported();
  const sum = await app.sum();
  await context.setOffline(true);
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  expect(await app.sum()).toBe(sum);
  await app.menu('Files');
  await expect(page.locator('eg-files-page .line')).toHaveCount(1);
  await app.choose(fixture('java', 'app.jfr'));
  await app.imported();
  await expect(page.locator('eg-files-page .line')).toHaveCount(2);
});

test('a new version is offered, and takes over when the person says so', async ({ userData, problems }, info) => {
  const root = info.outputPath('site');
  await cp(SITE, root, { recursive: true });
  const site = await serve({ port: 0, root });
  const context = await launch(userData, { baseURL: site.url, serviceWorkers: 'allow' });
  problems.watch(context, site);
  const page = context.pages()[0] ?? (await context.newPage());
  const app = new App(page);
  await app.open();
  await governed(page);

  const index = `${root}/index.html`;
  await writeFile(index, (await readFile(index, 'utf8')).replace('<html lang="en"', '<html lang="en" data-version="2"'));
  const script = `${root}/service-worker.js`;
  const before = await readFile(script, 'utf8');
  await writeFile(script, before.replace(/[0-9a-f]{16}/, '0123456789abcdef'));
  expect(await readFile(script, 'utf8')).not.toBe(before);
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  await expect(page.locator('html')).not.toHaveAttribute('data-version');
  await expect(page.getByText('A new version of this page is there.')).toBeVisible();
  await page.getByRole('button', { name: 'Reload to use it' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-version', '2');
  await expect(app.saveState).toHaveText('saved');
  await context.close();
  await site.close();
  await rm(root, { recursive: true });
});

test('the manifest is one that can be installed', async ({ page, site }) => {
  await page.goto('/');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const response = await page.request.get(new URL(href ?? '', site.url).href);
  expect(response.headers()['content-type']).toContain('application/manifest+json');
  const session = await page.context().newCDPSession(page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  await governed(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});

test('files shared with the app are imported', async ({ page, problems }) => {
  // The redirect is made by the service worker.
  problems.expect(/^no policy: .*\/share$/);
  const app = new App(page);
  await app.open();
  await governed(page);
  const bytes = [...(await readFile(fixture('go', 'cpu.pb.gz')))];
  const answered = await page.evaluate(async (content) => {
    const form = new FormData();
    form.append('files', new File([new Uint8Array(content)], 'shared cpu.pb.gz'));
    return new URL((await fetch('./share', { method: 'POST', body: form })).url).pathname;
  }, bytes);
  expect(answered, 'on to the page').toBe('/');
  await page.reload();
  await app.imported();
  await app.menu('Files');
  await expect(page.locator('eg-files-page .line')).toContainText('shared cpu.pb.gz');
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  await expect(app.status).not.toContainText('duplicate');
});

test('files that the system opens are imported', async ({ page }) => {
  await page.addInitScript(() => {
    const queue = { setConsumer: (consumer: unknown) => Object.assign(globalThis, { launched: consumer }) };
    Object.defineProperty(globalThis, 'launchQueue', { value: queue });
  });
  const app = new App(page);
  await app.open();
  const bytes = [...(await readFile(fixture('go', 'cpu.pb.gz')))];
  await page.waitForFunction(() => 'launched' in globalThis);
  await page.evaluate(async (content) => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('opened.pb.gz', { create: true });
    const writable = await handle.createWritable();
    await writable.write(new Uint8Array(content));
    await writable.close();
    (globalThis as unknown as { launched: (params: { files: unknown[] }) => void }).launched({ files: [handle] });
  }, bytes);
  await app.imported();
  await app.menu('Files');
  await expect(page.locator('eg-files-page .line')).toContainText('opened.pb.gz');
});

test('a pasted profile is imported, text in fields is not', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = new App(page);
  await app.open();
  await page.evaluate(() => navigator.clipboard.writeText('main;work;parse 3\nmain;work;write 5\n'));
  await page.locator('body').press('ControlOrMeta+v');
  await app.imported();
  expect(await app.sum()).toBe(8n);
  await page.locator('eg-view-bar input').focus();
  await page.keyboard.press('ControlOrMeta+v');
  await expect(page.locator('eg-view-bar input')).toHaveValue(/main;work/);
  await app.menu('Files');
  await expect(page.locator('eg-files-page .line')).toHaveCount(1);
});

test('an address in the fragment is looked at; where that is forbidden the page says by whom', async ({ page, site, problems }) => {
  const examples = (await (await page.request.get(`${site.url}examples/index.json`)).json()) as { path: string }[];
  const app = new App(page);
  await page.goto(`/#url=${encodeURIComponent(`examples/${examples[0]?.path}`)}`);
  await expect(page.locator('.aside')).toContainText('not stored');
  expect(await app.sum()).toBeGreaterThan(0n);
  await page.getByRole('button', { name: 'Back to what is stored' }).click();
  await expect(app.empty).toBeVisible();

  // The browser and the test's own listener report what the policy refuses.
  problems.expect(/Content Security Policy|policy violation: connect-src|Failed to load resource|Refused to connect/);
  await page.goto(`/?again#url=${encodeURIComponent('https://profiles.example/cpu.pb.gz')}`);
  await expect(page.getByText('the policy of this page forbids it to read from profiles.example')).toBeVisible();
  await expect(page.getByText('url-policy')).toBeVisible();
  problems.expect(/404/);
  await page.goto(`/?twice#url=missing.pb.gz`);
  await expect(page.getByText('answers 404')).toBeVisible();
});
