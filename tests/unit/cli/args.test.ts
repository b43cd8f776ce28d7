import { describe, expect, test } from 'vitest';

import { UsageError, parseInvocation } from '../../../www/cli/args.ts';

describe('arguments', () => {
  test('info', () => {
    expect(parseInvocation(['info', 'a.pb.gz', 'b', '--json'])).toEqual({ command: 'info', paths: ['a.pb.gz', 'b'], json: true });
  });

  test('top, with its defaults and with everything', () => {
    expect(parseInvocation(['top', 'a'])).toEqual({ command: 'top', paths: ['a'], json: false, options: { by: 'self' }, demangle: true });
    expect(parseInvocation(['top', '-n', '5', 'a', '--by=total', '--type', 'cpu', '--profile', '0', '--json'])).toEqual({
      command: 'top',
      paths: ['a'],
      json: true,
      options: { by: 'total', limit: 5, type: 'cpu', profile: 0 },
      demangle: false,
    });
  });

  test('convert', () => {
    expect(parseInvocation(['convert', 'a', '--to', 'folded', '-o', 'out'])).toEqual({
      command: 'convert',
      paths: ['a'],
      to: 'folded',
      selection: {},
      out: 'out',
      demangle: false,
    });
  });

  test('names are demangled in tables, and where it is asked for', () => {
    const demangle = (...words: string[]): unknown => (parseInvocation(words) as { demangle?: boolean }).demangle;
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
    [['convert', 'a'], /needs --to/],
    [['convert', 'a', '--to', 'svg'], /folded or flamebearer/],
    [['top', 'a', '--by', 'name'], /self or total/],
    [['top', 'a', '-n', '1.5'], /whole number/],
    [['top', 'a', '--profile', 'x'], /whole number/],
    [['top', 'a', '--colour'], /colour/],
  ])('%j is refused', (argv, message) => {
    expect(() => parseInvocation(argv)).toThrow(UsageError);
    expect(() => parseInvocation(argv)).toThrow(message);
  });
});
