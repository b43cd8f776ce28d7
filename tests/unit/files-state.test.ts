import { describe, expect, it } from 'vitest';
import type { Catalog, Upload } from '../../www/engine/protocol.ts';
import { inTime, listed, uploadsTsv, viewOfUpload } from '../../www/app/state/files.ts';
import { formatLabels, parseLabels } from '../../www/app/state/label-text.ts';

function upload(name: string, more: Partial<Upload> = {}): Upload {
  const own: Upload = {
    id: name, name, format: 'pprof', bytes: 1, importedMs: 0, timeSource: 'file', profiles: 1, types: [], labels: [], varying: [], from: 0n, until: 1n, warnings: [],
  };
  return { ...own, ...more };
}

describe('labels as text', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['region=eu', [['region', 'eu']]],
    [' region = eu , team="core, infra",', [['region', 'eu'], ['team', 'core, infra']]],
    ['a=b=c', [['a', 'b=c']]],
    ['"odd name"="say \\"x\\""', [['odd name', 'say "x"']]],
    ['empty=', [['empty', '']]],
  ])('%j is read', (text, pairs) => expect(parseLabels(text)).toEqual(pairs));

  it.each([['region', 1], ['a=b, region', 5], ['=x', 1], ['a="b', 1]])('%j is refused at its position', (text, at) => {
    expect(() => parseLabels(text)).toThrow(`no name=value at character ${at}`);
  });

  it('gives back what it wrote', () => {
    const pairs: [string, string][] = [['a', 'b'], ['odd name', 'x, y'], ['q', 'say "x" \\ z'], ['e', '']];
    expect(parseLabels(formatLabels(pairs))).toEqual(pairs);
  });
});

describe('the list of files', () => {
  const all = [
    upload('cpu-10.pb', { bytes: 5, labels: [['region', 'eu']] }),
    upload('cpu-9.pb', { bytes: 9, profiles: 7, format: 'jfr' }),
    upload('heap.pb', { warnings: [{ code: 'no-times', message: 'm', offset: null, count: 2 }] }),
  ];

  it('holds every word, in any field', () => {
    const names = (filter: string): string[] => listed(all, filter, 'newest').map(({ name }) => name);
    expect(names('')).toEqual(['cpu-10.pb', 'cpu-9.pb', 'heap.pb']);
    expect(names('CPU')).toEqual(['cpu-10.pb', 'cpu-9.pb']);
    expect(names('cpu jfr')).toEqual(['cpu-9.pb']);
    expect(names('region=eu')).toEqual(['cpu-10.pb']);
    expect(names('no-times')).toEqual(['heap.pb']);
  });

  it('is sorted as asked and leaves the list of the engine alone', () => {
    expect(listed(all, '', 'name').map(({ name }) => name)).toEqual(['cpu-9.pb', 'cpu-10.pb', 'heap.pb']);
    expect(listed(all, '', 'bytes')[0]?.name).toBe('cpu-9.pb');
    expect(all[0]?.name).toBe('cpu-10.pb');
  });

  it('is a table for other programs, whatever is in the names', () => {
    const lines = uploadsTsv([upload('a\tb\nc.pb', { labels: [['x', 'y z']] })]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]?.split('\t')).toEqual(['a b c.pb', 'pprof', '1', '1', '1970-01-01T00:00:00.000Z', 'x="y z"', '']);
  });
});

describe('two files beside each other', () => {
  const types = (ids: readonly string[], isDefault = ids[0]): unknown => ids.map((id) => ({ id, isDefault: id === isDefault }));
  const catalog = { services: [{ name: 'shop', types: types(['cpu', 'heap', 'wall']) }, { name: 'cart', types: types(['heap']) }] } as unknown as Catalog;
  const of = (service: string, more: Partial<Upload>): Upload => upload(service, { labels: [['service_name', service], ['region', 'eu']], ...more });

  it('the head shows a type that both have, its default one if it can', () => {
    const head = of('shop', { types: ['cpu', 'heap', 'wall'], from: 0n, until: 1_000_000_000n });
    expect(viewOfUpload(catalog, head)).toEqual({ service: 'shop', type: 'cpu', match: '{region="eu"}', from: '1970-01-01T00:00:00Z', until: '1970-01-01T00:00:01Z' });
    expect(viewOfUpload(catalog, head, ['heap', 'other'])?.type).toBe('heap');
    expect(viewOfUpload(catalog, head, ['other'])).toBeNull();
    expect(viewOfUpload(catalog, of('gone', { types: ['cpu'] }))).toBeNull();
  });

  it('the base is the earlier one, else what was imported first', () => {
    const [a, b] = [of('a', { from: 5n, importedMs: 1 }), of('b', { from: 3n, importedMs: 2 })];
    expect(inTime(a, b)).toEqual([b, a]);
    expect(inTime(b, a)).toEqual([b, a]);
    expect(inTime({ ...a, from: 3n }, b)[0].name).toBe('a');
  });
});
