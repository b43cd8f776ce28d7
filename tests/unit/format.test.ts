import { describe, expect, it } from 'vitest';
import {
  exactValue,
  formatBytes,
  formatCount,
  formatDecimal,
  formatDuration,
  formatPercent,
  formatValue,
  groupDigits,
  shortType,
} from '../../www/engine/format.ts';

describe('formatValue', () => {
  it.each([
    [0n, 'nanoseconds', '0 ns'],
    [999n, 'nanoseconds', '999 ns'],
    [1_000n, 'nanoseconds', '1.00 µs'],
    [999_499n, 'nanoseconds', '999 µs'],
    [999_960n, 'nanoseconds', '1.00 ms'],
    [340_000_000n, 'nanoseconds', '340 ms'],
    [33_712_345_678n, 'nanoseconds', '33.7 s'],
    [59_960_000_000n, 'nanoseconds', '1.00 min'],
    [-1_500_000_000n, 'nanoseconds', '-1.50 s'],
    [7_200_000_000_000n, 'nanoseconds', '2.00 h'],
    [86_400_000_000_000n * 400n, 'nanoseconds', '400 d'],
    [1023n, 'bytes', '1,023 B'],
    [1024n, 'bytes', '1.00 KiB'],
    [1_202_031_642n, 'bytes', '1.12 GiB'],
    [13_259_425n, 'count', '13,259,425'],
    [4821n, 'samples', '4,821 samples'],
    [5n, 'milliseconds', '5.00 ms'],
    [9_223_372_036_854_775_807n, 'bytes', '8.00 EiB'],
    [-9_223_372_036_854_775_808n, 'count', '-9,223,372,036,854,775,808'],
  ])('%s %s is %s', (value, unit, text) => expect(formatValue(value, unit)).toBe(text));

  it('takes decimals into account', () => {
    expect(formatValue(1_234_567n, 'count', 3)).toBe('1,235');
    expect(formatValue(12_345n, 'count', 3)).toBe('12.3');
    expect(formatValue(1_500_000_000_000n, 'nanoseconds', 3)).toBe('1.50 s');
  });

  it('never shows more than four digits before a unit of a family', () => {
    for (let value = 1n; value < 8n * 10n ** 17n; value = (value * 13n) / 10n + 1n) {
      for (const unit of ['nanoseconds', 'bytes']) {
        const [, number] = /^([\d,.]+) \S+$/.exec(formatValue(value, unit)) ?? [];
        expect(number?.replace(/[,.]/g, '').length).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe('exact values', () => {
  it('loses no digit', () => {
    expect(exactValue(33_712_345_678n, 'nanoseconds')).toBe('33,712,345,678 ns');
    expect(exactValue(-9_223_372_036_854_775_808n, 'count')).toBe('-9,223,372,036,854,775,808');
    expect(formatDecimal(-5n, 3)).toBe('-0.005');
    expect(formatDecimal(1_234_500n, 3)).toBe('1,234.5');
    expect(formatDecimal(2_000n, 3)).toBe('2');
  });
});

describe('shares, sizes and counts', () => {
  it('writes shares', () => {
    expect(formatPercent(0n, 10n)).toBe('0 %');
    expect(formatPercent(1n, 0n)).toBe('0 %');
    expect(formatPercent(124n, 1000n)).toBe('12.4 %');
    expect(formatPercent(53n, 10_000n)).toBe('0.53 %');
    expect(formatPercent(1n, 1_000_000n)).toBe('<0.01 %');
    expect(formatPercent(-1n, 4n)).toBe('-25.0 %');
    expect(formatPercent(7n, 7n)).toBe('100 %');
  });

  it('writes sizes, durations and counts', () => {
    expect(formatBytes(23_461)).toBe('22.9 KiB');
    expect(formatDuration(10_000_000_000n)).toBe('10.0 s');
    expect(formatCount(1, 'profile')).toBe('1 profile');
    expect(formatCount(4821n, 'sample')).toBe('4,821 samples');
    expect(groupDigits(-1234)).toBe('-1,234');
    expect(shortType('process_cpu:cpu:nanoseconds:cpu:nanoseconds')).toBe('process_cpu:cpu');
  });
});
