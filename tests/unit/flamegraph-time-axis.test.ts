/** Ticks of the axis over time. */

import { describe, expect, it } from 'vitest';

import { offsetsText, tickStep, tickText } from '../../www/flamegraph/time-ticks.ts';

describe('steps between ticks', () => {
  it('are 1, 2 or 5 times a power of ten, far enough apart, and no farther than needed', () => {
    for (let round = 0; round < 500; round += 1) {
      const span = 10 ** (round / 40);
      const width = 100 + ((round * 37) % 2900);
      const step = tickStep(span, width, 96);
      const [digit] = step.toExponential(6);
      expect(['1', '2', '5']).toContain(digit);
      const apart = (step / span) * width;
      if (step > 1) expect(apart).toBeLessThan(96 * 2.5 + 1e-6);
      expect(apart).toBeGreaterThan(96 * (1 - 1e-6));
    }
  });
});

describe('words of ticks', () => {
  it('tell neighbours apart', () => {
    for (let power = 0; power <= 9; power += 1) {
      for (const factor of [1, 2, 5]) {
        const step = factor * 10 ** power;
        for (const base of [0, 40, 999, 100_000]) {
          const texts = [base, base + 1, base + 2].map((tick) => tickText(tick * step, step));
          expect(new Set(texts).size, texts.join(' | ')).toBe(3);
        }
      }
    }
  });

  it('are as people say them', () => {
    expect(tickText(0, 1e6)).toBe('0');
    expect(tickText(1.5e9, 5e8)).toBe('1.5 s');
    expect(tickText(20e6, 20e6)).toBe('20 ms');
    expect(tickText(2_500, 500)).toBe('2.5 µs');
    expect(tickText(150e9, 10e9)).toBe('2:30');
    expect(tickText(3_725.5e9, 5e8)).toBe('1:02:05.5');
  });

  it('tell the ends of a short span far from the begin apart', () => {
    const first = 1_795_440_971_000_000_000n;
    const ends = (from: bigint, until: bigint): [string, string] => offsetsText(first, { first: first + from, last: first + until });
    expect(ends(1_212_170_000n, 1_222_580_000n)).toEqual(['1.2122 s', '1.2226 s']);
    expect(ends(0n, 20_000_000n)).toEqual(['0', '20.0 ms']);
    expect(ends(7n, 8n)).toEqual(['7 ns', '8 ns']);
  });
});
