/** Queries that are given up: the engine stops, answers others, and gives the same answer when it is asked again. */

import '../../www/app/handle.ts';
import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';

test('a query that is given up ends, and the next one answers', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const sum = await app.sum();
  const found = await page.evaluate(async () => {
    const { client } = globalThis.emberglass;
    const { services } = await client.call('catalog');
    const [type] = services[0]?.types.filter(({ isDefault }) => isDefault) ?? [];
    if (type === undefined) throw new Error('no profile type');
    const selection = { profileType: type.id, matchers: '{}', from: null, until: null };
    const codes: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const controller = new AbortController();
      // A range of its own each time: nothing of it was merged before.
      const asked = client.follow({ signal: controller.signal }, 'query', { ...selection, until: type.until + BigInt(at) });
      if (at % 2 === 1) await Promise.resolve();
      controller.abort();
      codes.push(await asked.then(() => 'answered', (error: { code: string }) => error.code));
    }
    const again = await client.follow({}, 'query', selection);
    // What was given up is not under way any more: the compaction would wait for it.
    await client.call('compact', false);
    return { codes, total: String(again.total) };
  });
  expect(new Set(found.codes)).toEqual(new Set(['cancelled']));
  expect(found.total).toBe(String(sum));
});
