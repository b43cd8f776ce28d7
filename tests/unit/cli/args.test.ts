import { describe, expect, test } from 'vitest';

import { UsageError, parseInvocation } from '../../../www/cli/args.ts';
import { outputFormat } from '../../../www/cli/output-format.ts';

/** Nothing asked for, in a table. */
const WISHES = { dropsFrames: false, demangle: true, filters: [], granularity: null };

describe('arguments', () => {
  test('info', () => {
    expect(parseInvocation(['info', 'a.pb.gz', 'b', '--json'])).toEqual({ command: 'info', paths: ['a.pb.gz', 'b'], json: true });
  });

  test('pack', () => {
    expect(parseInvocation(['pack', 'a', '-o', 'x.emberglass'])).toEqual({ command: 'pack', paths: ['a'], labelsFromPath: null, out: 'x.emberglass' });
    expect(parseInvocation(['pack', 'a', '--labels-from-path', '{service_name}/', '-o', 'x'])).toMatchObject({ labelsFromPath: '{service_name}/' });
    expect(() => parseInvocation(['pack', 'a'])).toThrow(UsageError);
  });

  test('top, with its defaults and with everything', () => {
    expect(parseInvocation(['top', 'a'])).toEqual({ command: 'top', paths: ['a'], json: false, options: { by: 'self' }, wishes: WISHES });
    expect(parseInvocation(['top', '-n', '5', 'a', '--by=total', '--type', 'cpu', '--profile', '0', '--drop-frames', '--json'])).toEqual({
      command: 'top',
      paths: ['a'],
      json: true,
      options: { by: 'total', limit: 5, type: 'cpu', profile: 0 },
      wishes: { ...WISHES, dropsFrames: true, demangle: false },
    });
  });

  test('query, with its defaults and with a comparison', () => {
    const nowMs = expect.any(Number) as number;
    expect(parseInvocation(['query', 'a'])).toEqual({
      command: 'query',
      paths: ['a'],
      json: false,
      options: { select: '', groupBy: '', view: 'top', by: 'self', nowMs },
      wishes: WISHES,
    });
    const words = ['--select', 'cpu{}', '--view=diff', '--from', 'now-1h', '--from-base', 'now-2h', '--until-base', 'now-1h', '--aggregate', 'sum', '-n', '3'];
    expect(parseInvocation(['query', 'a', 'b', '--labels-from-path', '{service_name}/', '--json', ...words])).toMatchObject({
      paths: ['a', 'b'],
      json: true,
      options: { labelsFromPath: '{service_name}/', select: 'cpu{}', view: 'diff', from: 'now-1h', fromBase: 'now-2h', untilBase: 'now-1h', aggregate: 'sum', limit: 3 },
      wishes: { demangle: false },
    });
    expect(() => parseInvocation(['query', 'a', '--view', 'diff'])).toThrow('--select-base');
    expect(() => parseInvocation(['query', 'a', '--from-base', 'now'])).toThrow('--view diff');
    expect(() => parseInvocation(['query', 'a', '--step', '1m'])).toThrow('--view series');
    expect(() => parseInvocation(['query', 'a', '--view', 'pie'])).toThrow('--view takes flamegraph');
  });

  test.each([['top', 'a'], ['convert', 'a'], ['diff', 'a', 'b'], ['query', 'a'], ['query', 'a', '--view', 'series'], ['query', 'a', '--view', 'heatmap']])(
    'filters and a granularity: %s %s %s %s',
    (...words) => {
      const filtered = parseInvocation([...words, '--filter', 'focus:f', '--filter', 'hide@file:/x/', '--granularity', 'package']);
      expect(filtered).toMatchObject({ wishes: { filters: ['focus:f', 'hide@file:/x/'], granularity: 'package' } });
    },
  );

  test('diff has two sides and a gate in percentage points', () => {
    expect(parseInvocation(['diff', 'a', 'b', '--fail-above', '5%', '--type', 'cpu'])).toMatchObject({ paths: ['a', 'b'], gate: 0.05, options: { type: 'cpu' } });
    expect(parseInvocation(['diff', 'a', 'b', '--fail-above', '0.5'])).toMatchObject({ gate: 0.005 });
    expect(parseInvocation(['diff', 'a', 'b'])).toMatchObject({ gate: null });
    expect(parseInvocation(['diff', 'a', 'b', '--only', 'new,grown'])).toMatchObject({ options: { only: ['new', 'grown'] } });
    expect(() => parseInvocation(['diff', 'a', 'b', '--only', 'new,old'])).toThrow('--only takes new or gone');
    expect(() => parseInvocation(['query', 'a', '--only', 'new'])).toThrow('--view diff');
    for (const words of [['a'], ['a', 'b', 'c'], ['a', 'b', '--fail-above', 'much']]) expect(() => parseInvocation(['diff', ...words])).toThrow(UsageError);
  });

  test('convert', () => {
    expect(parseInvocation(['convert', 'a', '--to', 'folded', '-o', 'out'])).toEqual({
      command: 'convert',
      paths: ['a'],
      to: 'folded',
      selection: {},
      out: 'out',
      wishes: { ...WISHES, demangle: false },
    });
    expect(parseInvocation(['convert', 'a'])).toMatchObject({ to: null, out: null });
    expect(parseInvocation(['convert', '--to', 'help'])).toMatchObject({ to: 'help', paths: [] });
  });

  test('the output format is the one asked for, else the one with the longest fitting ending', () => {
    const format = (name: string, ...extensions: string[]) => ({ name, extensions, description: name, mediaType: '', holdsMany: true });
    const formats = [format('flamebearer', 'json'), format('gecko', 'gecko.json'), format('folded', 'folded')];
    const chosen = (to: string | null, out: string | null): string => outputFormat(to, out, formats).name;
    expect(chosen('folded', 'x.json')).toBe('folded');
    expect(chosen(null, 'a/x.GECKO.json')).toBe('gecko');
    expect(chosen(null, 'x.json')).toBe('flamebearer');
    for (const [to, out] of [[null, null], [null, 'x.txt'], ['help', null], ['json', 'x.json']] as const) {
      expect(() => chosen(to, out)).toThrow(UsageError);
      expect(() => chosen(to, out)).toThrow(/flamebearer, gecko, folded/);
    }
  });

  test('names are demangled in tables, and where it is asked for', () => {
    const demangle = (...words: string[]): unknown => (parseInvocation(words) as { wishes?: { demangle: boolean } }).wishes?.demangle;
    expect([demangle('top', 'a'), demangle('top', 'a', '--no-demangle')]).toEqual([true, false]);
    expect([demangle('top', 'a', '--json'), demangle('top', 'a', '--json', '--demangle')]).toEqual([false, true]);
    expect(demangle('convert', 'a', '--to', 'folded', '--demangle')).toBe(true);
  });

  test('help and version, wherever they stand', () => {
    expect(parseInvocation(['--help'])).toEqual({ command: 'help' });
    expect(parseInvocation(['top', '-h'])).toEqual({ command: 'help' });
    expect(parseInvocation(['--version'])).toEqual({ command: 'version' });
  });

  test('what follows -- is a file', () => {
    expect(parseInvocation(['info', '--', '--json'])).toMatchObject({ paths: ['--json'], json: false });
  });

  test.each([
    [[], /a command is missing/],
    [['flame', 'a'], /no command "flame"/],
    [['info'], /needs a file/],
    [['info', 'a', '--by', 'self'], /info takes no --by/],
    [['convert', 'a', '--to', 'folded', '-n', '3'], /convert takes no -n/],
    [['info', 'a', '--demangle'], /info takes no --demangle/],
    [['top', 'a', '--demangle', '--no-demangle'], /exclude each other/],
    [['convert', '--to', 'folded'], /needs a file/],
    [['top', 'a', '--by', 'name'], /self or total/],
    [['top', 'a', '-n', '1.5'], /whole number/],
    [['top', 'a', '--profile', 'x'], /whole number/],
    [['top', 'a', '--colour'], /colour/],
  ])('%j is refused', (argv, message) => {
    expect(() => parseInvocation(argv)).toThrow(UsageError);
    expect(() => parseInvocation(argv)).toThrow(message);
  });
});
