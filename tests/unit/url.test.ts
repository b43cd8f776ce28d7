import { describe, expect, it } from 'vitest';
import { decodeView, encodeView, joinPath, splitPath } from '../../www/app/state/url.ts';
import { DEFAULT_VIEW } from '../../www/app/state/view.ts';
import type { View } from '../../www/app/state/view.ts';

const FULL: View = {
  service: 'shop & sons = "best" #1',
  type: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  match: '{region=~"eu-.*", path="/a;b\\"c"}',
  from: '2026-11-24T01:51:03.123456789Z',
  until: 'end-5m',
  cut: true,
  windowFrom: '2026-11-24T01:51:03.123456789Z',
  windowUntil: '2026-11-24T01:51:03.123456799Z',
  folds: ['thread=a, b;c "d"', 'thread=a & ключ'],
  foldsAll: false,
  zoom: ['main.main', 'operator;(a, b)', 'C:\\path\\x', '', 'ключ 鍵 🔑', '100%', '+'],
  search: '/json|xml/',
  filters: ['hide@package:/^runtime & "x"/', 'focus:a;b=c&d', 'focus:a;b=c&d', 'ignore:ключ #1 %'],
  graph: 'sandwich',
  pivot: '"main.(*Server).handle"',
  file: '/home/ci/build/a b/#1&x=y;z\\/ключ.go',
  line: 42,
  strip: 'groups',
  by: 'region, pod/2',
  panes: 'table',
  split: 60,
  page: 'compare',
  baseService: 'shop',
  baseMatch: '{region="us"}',
  baseFrom: '2026-11-24T00:51:03Z',
  baseUntil: 'end-1h',
  baseFilters: ['hide:/^runtime/', 'focus:a;b=c&d'],
  absolute: true,
  rows: 'nodes',
  change: 'grown',
  significant: true,
};

describe('the address', () => {
  it('says the default view with nothing', () => {
    expect(encodeView(DEFAULT_VIEW)).toBe('');
    expect(decodeView('')).toBeNull();
    expect(decodeView('#something-else')).toBeNull();
  });

  it('gives every field back', () => {
    const text = encodeView(FULL);
    expect(decodeView(text)).toEqual(FULL);
    expect(decodeView(`#${text}`)).toEqual(FULL);
    const folded = { ...FULL, foldsAll: true };
    expect(decodeView(encodeView(folded))).toEqual(folded);
    expect(new URL(`https://host/path#${text}`).hash).toBe(`#${text}`);
  });

  it('tells filters that both sides share from a base without any', () => {
    for (const baseFilters of [null, [], ['hide:x']]) expect(decodeView(encodeView({ ...FULL, baseFilters }))?.baseFilters).toEqual(baseFilters);
    expect(decodeView('v=1&service=shop')?.baseFilters).toBeNull();
  });

  it('is versioned and ignores what it does not know', () => {
    expect(encodeView(FULL)).toMatch(/^v=1&/);
    expect(decodeView('v=1&service=shop&later=1')).toEqual({ ...DEFAULT_VIEW, service: 'shop' });
  });

  it('keeps sizes within their bounds', () => {
    expect(decodeView('v=1&split=1000')?.split).toBe(85);
    expect(decodeView('v=1&split=-5')?.split).toBe(15);
    expect(decodeView('v=1&split=x')?.split).toBe(DEFAULT_VIEW.split);
    expect(decodeView('v=1&panes=none')?.panes).toBe('both');
    expect(decodeView('v=1&view=unknown')?.graph).toBe('icicle');
  });

  it('leaves out a path that is too long for an address', () => {
    const zoom = Array.from({ length: 50_000 }, (_, row) => `f${row}`);
    expect(decodeView(encodeView({ ...DEFAULT_VIEW, service: 's', zoom }))).toEqual({ ...DEFAULT_VIEW, service: 's' });
  });
});

describe('paths of names', () => {
  it.each([[[]], [['a']], [['a', 'b']], [['a;b', 'c\\', ';', '\\;']], [['', '']]])('%j comes back', (names) => {
    // The one path that cannot be told from the empty one is a single empty name, which no frame has.
    expect(splitPath(joinPath(names))).toEqual(names);
  });
});
