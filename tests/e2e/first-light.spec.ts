/** The main job: profiles from files to a flame graph that survives a reload. */

import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import '../../www/app/handle.ts';
import { App, damageSeries, expectedOf } from './app.ts';
import type { ExpectedProfile } from './app.ts';
import { expect, fixture, testOnDisk as test } from './harness.ts';

const CPU = fixture('go', 'cpu.pb.gz');
const HEAP = fixture('go', 'heap.pb.gz');

/** The expected values of a table in the order of the table; names among equal values are sorted. */
function ranked(rows: [name: string, value: bigint][]): string[] {
  return rows
    .sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? 1 : -1))
    .map(([name, value]) => `${name} ${value}`);
}

function topSelf({ top_self }: ExpectedProfile): string[] {
  return ranked(top_self.map(([name, value]) => [name, BigInt(value)]));
}

async function shownSelf(app: App, count: number): Promise<string[]> {
  return ranked((await app.rows()).slice(0, count).map(({ name, self }) => [name, self]));
}

test('the first page says what this is and lets nothing be missed', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await expect(app.empty.locator('h2')).toHaveText('Store and explore profiles of programs, here in the browser.');
  await expect(app.empty).toContainText('Nothing leaves this machine');
  await expect(app.empty.getByRole('button', { name: 'Open the example profiles' })).toBeVisible();
  const inputs = await page.locator('input[type=file]').evaluateAll((each) =>
    each.map((input) => [(input as HTMLInputElement).multiple, input.hasAttribute('webkitdirectory')]),
  );
  expect(inputs[0], 'the first input takes files').toEqual([true, false]);
  const own = await app.empty.locator('input[type=file]').evaluateAll((each) => each.map((input) => input.hasAttribute('webkitdirectory')));
  expect(own).toEqual([false, true]);
});

test('a CPU and a heap profile: every type exact, and the same view after a reload', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.drop(CPU, HEAP);
  await app.imported();

  const services = await app.catalog();
  const [service] = Object.keys(services);
  expect(Object.keys(services)).toHaveLength(1);
  expect(services[service ?? '']?.sort()).toEqual([
    'memory:alloc_objects',
    'memory:alloc_space',
    'memory:inuse_objects',
    'memory:inuse_space',
    'process_cpu:cpu',
    'process_cpu:samples',
  ]);

  await test.step('the default type of the first file shows at once', async () => {
    const cpu = (await expectedOf(CPU)).find(({ type }) => type === 'cpu');
    if (cpu === undefined) throw new Error('no cpu profile expected');
    await expect(page.locator('eg-profile-picker > button')).toContainText('process_cpu:cpu');
    expect(await app.sum()).toBe(BigInt(cpu.total));
    await expect.poll(() => shownSelf(app, cpu.top_self.length)).toEqual(topSelf(cpu));
    await app.drawn();
  });

  for (const [file, name] of [[CPU, 'process_cpu'], [HEAP, 'memory']] as const) {
    for (const expected of await expectedOf(file)) {
      await test.step(`${name}:${expected.type}`, async () => {
        await app.pick(`${name}:${expected.type}`);
        await expect.poll(() => app.sum()).toBe(BigInt(expected.total));
        const self = expected.top_self.filter(([, value]) => value !== 0);
        await expect.poll(() => shownSelf(app, self.length)).toEqual(topSelf({ ...expected, top_self: self }));
        await app.drawn();
      });
    }
  }

  await test.step('a reload shows the same view without a click', async () => {
    await app.pick('memory:alloc_space');
    const alloc = (await expectedOf(HEAP)).find(({ type }) => type === 'alloc_space');
    await expect.poll(() => app.sum()).toBe(BigInt(alloc?.total ?? -1));
    const url = page.url();
    await page.reload();
    expect(await app.sum()).toBe(BigInt(alloc?.total ?? -1));
    expect(page.url()).toBe(url);
    await expect.poll(() => shownSelf(app, 10)).toEqual(topSelf(alloc!));
    await app.drawn();
  });

  await test.step('an address without a view shows what was imported last', async () => {
    await page.goto('about:blank');
    await app.open();
    await app.sum();
    await expect(page.locator('eg-profile-picker > button')).toContainText(service ?? 'no service');
  });

  await test.step('the same files again are stored once', async () => {
    await app.choose(CPU, HEAP);
    await expect(app.status).toContainText('2 duplicates');
    await app.pick('process_cpu:cpu');
    expect(await app.sum()).toBe(BigInt((await expectedOf(CPU)).find(({ type }) => type === 'cpu')?.total ?? -1));
  });
});

test('raw pprof without gzip', async ({ page }) => {
  const app = new App(page);
  const file = fixture('rust', 'mill.pb');
  await app.open();
  await app.choose(file);
  await app.imported();
  const expected = (await expectedOf(file)).at(-1);
  await expect(page.locator('eg-profile-picker > button')).toContainText(expected?.type ?? 'no type');
  expect(await app.sum()).toBe(BigInt(expected?.total ?? -1));
  await expect.poll(() => shownSelf(app, 10)).toEqual(topSelf(expected!));
  await app.drawn();
});

test('a folder of profiles over time: range, brush, labels of the address', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.drop(fixture('series', 'checkout', 'eu'));
  await app.imported();
  const files = readdirSync(fixture('series', 'checkout', 'eu')).filter((name) => name.endsWith('.pb.gz'));
  await expect(app.status).toContainText(`${files.length} files`);
  await expect(app.status, 'what is no profile is skipped').toContainText(/skipped/);
  const series = JSON.parse(await readFile(fixture('series', 'series.expected.json'), 'utf8')) as {
    series: Record<string, { files: number; before: { total: number }; after: { total: number }; split_time_nanos: number }>;
  };
  const expected = series.series['checkout/eu'];
  const whole = BigInt(expected?.before.total ?? 0) + BigInt(expected?.after.total ?? 0);
  await expect.poll(() => app.sum()).toBe(whole);

  await test.step('a drag over the time line selects', async () => {
    await app.brush(0.5, 1);
    await expect.poll(() => app.sum()).not.toBe(whole);
    expect(page.url()).toMatch(/from=.*until=/);
    const part = await app.sum();
    expect(part > 0n && part < whole).toBe(true);
    await page.reload();
    expect(await app.sum()).toBe(part);
  });

  await test.step('back and forward walk through the views', async () => {
    const part = await app.sum();
    await page.goBack();
    await expect.poll(() => app.sum()).toBe(whole);
    await page.goForward();
    await expect.poll(() => app.sum()).toBe(part);
  });

  await test.step('a double click on the time line selects all again', async () => {
    await page.locator('eg-time-line .u-over').dblclick();
    await expect.poll(() => app.sum()).toBe(whole);
  });

  await test.step('a range that holds nothing says so and shows a way out', async () => {
    await page.locator('eg-range-picker .open').click();
    await page.getByLabel('From', { exact: true }).fill('2001-01-01');
    await page.getByLabel('Until', { exact: true }).fill('2001-01-02');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.locator('eg-panes')).toContainText('No profiles here');
    await page.getByRole('button', { name: 'Show all data' }).click();
    await expect.poll(() => app.sum()).toBe(whole);
  });

  await test.step('a range that cannot be read says how to write one', async () => {
    await page.locator('eg-range-picker .open').click();
    await page.getByLabel('From', { exact: true }).fill('tomorrow');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.locator('eg-range-picker [role=alert]')).toContainText('bad-time');
    await page.keyboard.press('Escape');
  });

  await test.step('matchers that cannot be read are told with their place', async () => {
    const input = page.getByLabel('Label matchers', { exact: true });
    await input.fill('region!eu');
    await input.press('Enter');
    await expect(page.locator('eg-panes')).toContainText('bad-selector');
    await input.fill('');
    await input.press('Enter');
    await expect.poll(() => app.sum()).toBe(whole);
  });
});

test('zoom, Escape, breadcrumbs and search', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(CPU);
  await app.imported();
  await app.drawn();

  const box = await app.graph.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('no canvas');
  const level = (depth: number): { x: number; y: number } => ({ x: box.x + 40, y: box.y + depth * 20 + 10 });
  const crumbs = page.locator('eg-breadcrumbs .crumb');

  await test.step('hovering tells the frame', async () => {
    const { x, y } = level(2);
    await page.mouse.move(x, y);
    await expect(app.status).toContainText(/self\s+\S[\s\S]*total[\s\S]*%/);
  });

  await test.step('a click zooms, and the address says so by names', async () => {
    const { x, y } = level(3);
    await page.mouse.click(x, y);
    await expect(crumbs).toHaveCount(4);
    expect(page.url()).toContain('zoom=');
    await page.reload();
    await expect(crumbs).toHaveCount(4);
    await app.drawn();
  });

  await test.step('a breadcrumb and Escape go back', async () => {
    await crumbs.nth(1).click();
    await expect(crumbs).toHaveCount(2);
    await page.keyboard.press('Escape');
    await expect(crumbs).toHaveCount(1);
    await page.goBack();
    await expect(crumbs).toHaveCount(2);
    await page.keyboard.press('Escape');
    await expect(crumbs).toHaveCount(1);
  });

  await test.step('a search marks, counts and says its share', async () => {
    const before = await app.colours();
    await page.keyboard.press('/');
    await page.keyboard.type('encoding/json');
    const found = page.locator('eg-view-bar .found');
    await expect(found).toHaveText(/^\s*\d+ of \d+ · \d+(\.\d+)? %\s*$/);
    expect(page.url()).toContain('search=encoding/json');
    await expect.poll(async () => (await app.rows()).every(({ name }) => /encoding\/json/i.test(name))).toBe(true);
    await expect.poll(() => app.colours()).not.toBe(before);
    await page.keyboard.press('Escape');
    await expect(found).toHaveText('');
    await page.keyboard.type('/^runtime\\./');
    await expect(found).toHaveText(/%/);
    await page.keyboard.press('Escape');
    await page.keyboard.type('/(/');
    await expect(found).toContainText('bad-pattern');
    await page.keyboard.press('Escape');
  });
});

test('malformed files get a line each, the good ones of the same drop are stored', async ({ page }) => {
  const app = new App(page);
  const malformed = readdirSync(fixture('malformed')).filter((name) => !name.endsWith('.json'));
  expect(malformed.length).toBeGreaterThan(4);
  await app.open();
  await app.drop(...malformed.map((name) => fixture('malformed', name)), CPU, HEAP);
  await app.imported();
  await expect(app.report).toBeVisible();
  const lines = await app.lines();
  for (const name of malformed) {
    expect.soft(lines[name]?.word, name).toBe('failed');
    expect.soft(lines[name]?.detail, name).toMatch(/\([a-z-]+(, at byte \d+)?\)$/);
  }
  expect(malformed.filter((name) => /at byte \d+/.test(lines[name]?.detail ?? '')).length).toBeGreaterThan(2);
  for (const name of ['cpu.pb.gz', 'heap.pb.gz']) expect(lines[name]?.word).toBe('saved');
  await page.keyboard.press('Escape');
  await expect(app.report).toBeHidden();
  expect(await app.sum()).toBe(BigInt((await expectedOf(CPU)).find(({ type }) => type === 'cpu')?.total ?? -1));

  await test.step('the report can be copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await app.menu('Show the import report');
    await page.getByRole('button', { name: 'Copy report' }).click();
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain('2 saved');
    for (const name of malformed) expect(text).toContain(`${name}: failed; `);
  });
});

test('two tabs on the same data: both write, both see, a deletion is gone for both', async ({ context, page }) => {
  const [first, second] = [new App(page), new App(await context.newPage())];
  await first.open();
  await second.open();
  await first.choose(CPU);
  await first.imported();
  await second.sum();
  await second.choose(HEAP);
  await second.imported();
  const all = ['memory:inuse_space', 'process_cpu:cpu'];
  for (const app of [first, second]) {
    await expect.poll(async () => Object.values(await app.catalog()).flat()).toEqual(expect.arrayContaining(all));
  }

  await test.step('at the same time', async () => {
    await Promise.all([first.choose(fixture('go', 'mutex.pb.gz')), second.choose(fixture('go', 'block.pb.gz'))]);
    await Promise.all([first.imported(), second.imported()]);
    for (const app of [first, second]) {
      await expect.poll(async () => Object.values(await app.catalog()).flat().join(' ')).toMatch(/(?=.*block:)(?=.*mutex:)/);
    }
  });

  await test.step('a deletion says what it takes and can be refused', async () => {
    await first.menu('Delete everything…');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText(/All \d+ profiles/);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await expect(dialog).toBeHidden();
    await first.sum();
  });

  await test.step('and is gone everywhere, after a reload too', async () => {
    await first.menu('Delete everything…');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
    await expect(first.empty).toBeVisible();
    await expect(second.empty).toBeVisible();
    await page.reload();
    await expect(first.empty).toBeVisible();
  });

  await test.step('both can go on', async () => {
    await second.choose(CPU);
    await second.imported();
    await first.sum();
  });
});

test('the profiles of one service can be deleted alone', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(CPU, fixture('rust', 'mill.pb'));
  await app.imported();
  const before = Object.keys(await app.catalog());
  expect(before).toHaveLength(2);
  const shown = (await page.locator('eg-profile-picker .service').textContent()) ?? '';
  await app.menu('Delete profiles of this service…');
  await expect(page.getByRole('dialog')).toContainText(shown);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.poll(async () => Object.keys(await app.catalog())).toEqual(before.filter((name) => name !== shown));
  await page.reload();
  await app.sum();
  expect(Object.keys(await app.catalog())).toEqual(before.filter((name) => name !== shown));
});

test('a crash of the engine rejects its calls, is told, and costs nothing that was saved', async ({ page, problems }) => {
  problems.expect(/unreachable|RuntimeError/);
  const app = new App(page);
  await app.open();
  await app.choose(CPU);
  await app.imported();
  const before = await app.sum();
  const codes = await page.evaluate(async () => {
    const { client } = globalThis.emberglass;
    const code = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'answered',
        (error: { code: string }) => error.code,
      );
    const pending = code(client.call('trap'));
    return [await pending, await code(client.call('catalog'))];
  });
  expect(codes).toEqual(['engine-crashed', 'answered']);
  await expect(page.locator('eg-notices')).toContainText('The engine crashed and was restarted.');
  await expect(page.locator('eg-notices')).toContainText('engine-crashed');
  expect(await app.sum()).toBe(before);
  await app.drawn();
  await app.choose(HEAP);
  await app.imported();
  await page.locator('eg-notices').getByRole('button', { name: 'Dismiss' }).click();
  await page.reload();
  await app.sum();
  expect(Object.values(await app.catalog()).flat()).toContain('memory:inuse_space');
});

test('an engine that crashes again and again stops and says what to do', async ({ page, problems }) => {
  problems.expect(/unreachable|RuntimeError/);
  const app = new App(page);
  await app.open();
  const codes = await page.evaluate(async () => {
    const codes: string[] = [];
    for (let crash = 0; crash < 6; crash += 1) {
      await globalThis.emberglass.client.call('trap').catch((error: { code: string }) => codes.push(error.code));
    }
    return codes;
  });
  expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'engine-crashed'));
  expect(codes[5]).toBe('engine-failed');
  await expect(app.saveState).toHaveText('stopped');
  await expect(page.locator('eg-notices').getByRole('button', { name: 'Reload the page' })).toBeVisible();
});

test('the example profiles open', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.empty.getByRole('button', { name: 'Open the example profiles' }).click();
  await app.imported();
  await app.sum();
  await app.drawn();
  expect(Object.keys(await app.catalog()).sort()).toEqual(['checkout', 'shop']);
  await expect(app.status).not.toContainText('failed');
});

test('the theme is kept', async ({ page }) => {
  const app = new App(page);
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await app.open();
  const light = await background();
  await app.menu('Dark');
  await expect.poll(background).not.toBe(light);
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  expect(await background()).not.toBe(light);
  await app.menu('System');
  await expect.poll(background).toBe(light);
});

test('names of a profile never become markup', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(fixture('special', 'weird-names.pb.gz'));
  await app.imported();
  await app.sum();
  const [weird] = await expectedOf(fixture('special', 'weird-names.pb.gz'));
  const plain = (name: string): string => name.trim();
  await expect.poll(async () => (await app.rows()).map(({ name }) => plain(name))).toEqual(
    expect.arrayContaining(weird!.top_self.map(([name]) => plain(name))),
  );
  expect((await app.rows()).some(({ name }) => name.includes('<')), 'a name that would be a tag').toBe(true);
  expect(await page.locator('img, iframe, script:not([src])').count(), 'also within the elements').toBe(0);
});

/** A well-formed pprof of `samples` samples, all of one stack: large enough to take a while. */
function largeProfile(samples: number, seed: number): Buffer {
  const bytes = (...parts: (number[] | string)[]): number[] => parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part));
  const message = (field: number, body: number[]): number[] => [(field << 3) | 2, body.length, ...body];
  const head = bytes(
    message(1, [0x08, 1, 0x10, 2]),
    message(4, [0x08, 1, 0x22, 2, 0x08, 1]),
    message(5, [0x08, 1, 0x10, 3]),
    message(6, []),
    message(6, bytes('samples')),
    message(6, bytes('count')),
    message(6, bytes(`main.f${seed}`)),
  );
  const sample = Buffer.from(message(2, [0x0a, 1, 1, 0x12, 1, 1]));
  return Buffer.concat([Buffer.from(head), Buffer.alloc(sample.length * samples, sample)]);
}

test('an import tells where it is and can be cancelled; what is stored stays', async ({ page, userData }) => {
  const app = new App(page);
  await app.open();
  const files = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => {
      const path = join(userData, `large-${seed}.pb`);
      await writeFile(path, largeProfile(8_000_000, seed));
      return path;
    }),
  );
  await app.choose(CPU, ...files);
  await expect(app.status).toContainText(/Importing \d of 5 files · .* of .* · .*\/s/);
  await app.status.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.status).toContainText('cancelled');
  await expect(app.status.locator('progress')).toHaveCount(0);
  await app.status.getByRole('button', { name: 'Report' }).click();
  const words = Object.values(await app.lines()).map(({ word }) => word);
  expect(words).toHaveLength(5);
  expect(words).toContain('cancelled');
  expect(words.every((word) => word === 'cancelled' || word === 'saved')).toBe(true);
  await app.choose(HEAP);
  await expect(app.status).toContainText('imported from 1 file');
});

test('damaged data is told, and what can be read is shown', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.drop(CPU);
  await app.imported();
  await damageSeries(page);
  await page.reload();
  const alerts = page.getByRole('alert');
  await expect(alerts.filter({ hasText: 'Stored profiles cannot be read' })).toHaveCount(1);
  await expect(alerts.filter({ hasText: /The numbers lack up to \d+ profiles of this selection/ })).toHaveCount(1);
  await expect(page.getByRole('banner')).toContainText('damaged');
});
