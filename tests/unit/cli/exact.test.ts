import { describe, expect, test } from 'vitest';

import { parseExact, readable, scaled } from '../../../www/cli/exact.ts';

describe('exact numbers', () => {
  test('numbers stay texts, texts stay as they are', () => {
    const json = String.raw`{"total":9223372036854775807,"scaled":-0.000000001,"name":"a 12 \"3\" \\","list":[1,null,true]}`;
    expect(parseExact(json)).toEqual({
      total: '9223372036854775807',
      scaled: '-0.000000001',
      name: String.raw`a 12 "3" \ `.trimEnd(),
      list: ['1', null, true],
    });
  });

  test('decimals become integers with a scale', () => {
    expect(scaled('-12.05')).toEqual({ value: -1205n, scale: 2 });
    expect(scaled('-0.5')).toEqual({ value: -5n, scale: 1 });
    expect(scaled('9223372036854775807')).toEqual({ value: 9223372036854775807n, scale: 0 });
  });

  test('a person reads three digits and a unit', () => {
    expect(readable('33712345678', 'nanoseconds')).toBe('33.7 s');
    expect(readable('9223372036854775807', 'count')).toBe('9,223,372,036,854,775,807');
    expect(readable('0.5', 'milliseconds')).toBe('500 µs');
  });
});
