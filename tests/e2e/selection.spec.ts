/** What the engine says of selections, as the page asks it. */

import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';

const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

test('selectors are completed, matched by metadata and estimated in the browser', async ({ page }) => {
  await App.showing(page, fixture('go', 'cpu.pb.gz'), fixture('java', 'async.jfr.gz'));
  const catalog = await page.evaluate(() => emberglass.client.call('catalog'));
  const profiles = catalog.services.flatMap(({ types }) => types).filter(({ id }) => id === CPU).reduce((sum, of) => sum + of.profiles, 0);

  // Positions count as JavaScript does: the flame is two code units and four bytes.
  const text = `${CPU}{x!="🔥", __meta_engine="iti`;
  const at = text.length;
  const completion = await page.evaluate(([text, at]) => emberglass.client.call('complete', { text, at, limit: 10 }), [text, at] as const);
  expect(completion).toMatchObject({ kind: 'value', start: at - 4, end: at, expected: 'a quoted value', more: 0 });
  expect(completion.candidates).toEqual([{ text: 'itimer', insert: '"itimer"', kind: 'value', profiles: expect.any(Number) }]);
  const matchers = `${text.slice(CPU.length, completion.start)}${completion.candidates[0]?.insert}}`;

  const answers = await page.evaluate(
    async ([profileType, matchers]) => {
      const { client } = emberglass;
      const selection = { profileType, matchers, from: null, until: null };
      const everything = { ...selection, matchers: '{}' };
      const before = await client.call('estimate', selection);
      const chosen = await client.call('query', selection);
      const rest = await client.call('query', { ...selection, matchers: '{__meta_engine!="itimer"}' });
      const whole = await client.call('query', everything);
      const after = await client.call('estimate', selection);
      const metadata = await client.call('metadata', { ...everything, profileType: '' });
      const cardinality = await client.call('cardinality', everything, 3);
      const [profile] = (await client.call('profiles', selection, 0, 1)).rows;
      const edge = (profile?.start ?? 0n) + (profile?.duration ?? 0n) / 2n;
      const cut = (range: { from: bigint | null; until: bigint | null }) => client.call('query', { ...selection, ...range, cutSamples: true });
      const halves = [await cut({ from: null, until: edge }), await cut({ from: edge, until: null })].map(({ total }) => total);
      return { before, chosen, rest, whole, after, metadata, cardinality, halves };
    },
    [CPU, matchers] as const,
  );
  const { before, chosen, rest, whole, after, metadata, cardinality, halves } = answers;
  expect(chosen.profiles).toBe(completion.candidates[0]?.profiles);
  expect([before.profiles, after.profiles, after.cachedBytes]).toEqual([chosen.profiles, chosen.profiles, after.bytes]);
  expect(after.nodes).toBeGreaterThanOrEqual(chosen.nodes);
  expect([chosen.total + rest.total, chosen.profiles + rest.profiles]).toEqual([whole.total, whole.profiles]);
  expect([whole.profiles, cardinality.profiles]).toEqual([profiles, profiles]);
  expect(metadata.find(({ name }) => name === 'format')?.values.map(({ value }) => value)).toEqual(['jfr', 'pprof']);
  expect(halves.every((total) => total > 0n)).toBe(true);
  expect(halves.reduce((sum, total) => sum + total)).toBe(chosen.total);
});
