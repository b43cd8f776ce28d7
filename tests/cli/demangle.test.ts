/** Mangled names on the command line: kept for programs, demangled for people and where it is asked for. */

import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { emberglass } from './run.ts';

const SHOP = 'mangled/shop.callgrind.out';
const TOTAL = ['_ZNK4shop4CartINS_4ItemEE5totalEv', 'shop::Cart<shop::Item>::total() const'] as const;
/** What c++filt prints of every mangled name of the fixtures. */
const PRINTED = readFileSync(inRoot('tests', 'fixtures', 'mangled', 'names.tsv'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as [string, string]);

interface Row {
  name: string;
  self: number;
  total: number;
}

async function top(...words: string[]): Promise<Row[]> {
  const { status, out } = await emberglass('top', ...words, '--json');
  expect(status).toBe(0);
  return (JSON.parse(out) as { functions: Row[] }).functions;
}

describe.concurrent('mangled names', () => {
  test('are kept for programs, and demangled where it is asked for', async () => {
    const [stored, demangled] = await Promise.all([top(SHOP), top(SHOP, '--demangle')]);
    const row = stored.find(({ name }) => name === TOTAL[0]);
    expect(row).toBeDefined();
    expect(demangled.find(({ name }) => name === TOTAL[1])).toEqual({ ...row, name: TOTAL[1] });
    expect(stored.some(({ name }) => name === TOTAL[1])).toBe(false);
    const names = new Set(demangled.map(({ name }) => name));
    for (const { name } of stored) {
      // Callgrind marks levels of recursion: f'2.
      const [bare = '', ...level] = name.split(/(?=')/);
      const printed = PRINTED.find(([mangled]) => mangled === bare)?.[1] ?? bare;
      // The library does not read what std::swap demands of its type.
      expect(names).toContain(bare.includes('is_tuple_like') ? name : printed + level.join(''));
    }
  });

  test('are demangled in tables unless they are not to be', async () => {
    const [table, stored] = await Promise.all([emberglass('top', SHOP), emberglass('top', SHOP, '--no-demangle')]);
    expect(table.out).toContain(TOTAL[1]);
    expect(table.out).not.toContain(TOTAL[0]);
    expect(stored.out).toContain(TOTAL[0]);
  });

  test.each(['legacy', 'v0'])('of Rust lose their hashes: %s', async (scheme) => {
    const names = (await top(`mangled/cart-${scheme}.callgrind.out.gz`, '--demangle')).map(({ name }) => name);
    expect(names).toContain(scheme === 'v0' ? 'cart::cart::total::<cart::Item>' : 'cart::cart::total');
    expect(names).toContain('<cart::Item as cart::Priced>::cents');
    expect(names.filter((name) => /^_R|17h[0-9a-f]{16}E/.test(name))).toEqual([]);
  });

  test('go out as they came unless asked for', async () => {
    const [stored, demangled] = await Promise.all([
      emberglass('convert', SHOP, '--to', 'folded'),
      emberglass('convert', SHOP, '--to', 'folded', '--demangle'),
    ]);
    expect(stored.out).toContain(TOTAL[0]);
    expect(demangled.out).toContain(TOTAL[1]);
    const sum = (text: string): number => text.trim().split('\n').reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0);
    expect(sum(demangled.out)).toBe(sum(stored.out));
  });
});
