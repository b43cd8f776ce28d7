import { describe, expect, it } from 'vitest';
import type { HeatMap } from '../../www/engine/protocol.ts';
import { cellAt, countAt, countText, rowFromTop, rowText, stepsOf, strength, timeTicks, timesOf } from '../../www/app/state/heat-cells.ts';

const VALUES: HeatMap = {
  start: 1000n, step: 10n, profiles: 3, missing: null, counts: Float64Array.of(1, 0, 2, 0, 4, 0),
  rows: [{ from: 0n, until: 50n, scale: 0 }, { from: 50n, until: 100n, scale: 0 }],
};
const LABELS: HeatMap = { ...VALUES, rows: [{ labels: [['region', 'eu']] }, { labels: [['region', '']] }] };

describe('a heat map', () => {
  it('has values growing upwards, and labels from the top down', () => {
    expect(stepsOf(VALUES)).toBe(3);
    expect(cellAt(VALUES, 0.99, 0.99)).toEqual({ step: 2, row: 0 });
    expect(cellAt(VALUES, 0.4, 0.1)).toEqual({ step: 1, row: 1 });
    expect(cellAt(LABELS, 0.4, 0.1)).toEqual({ step: 1, row: 0 });
    for (const map of [VALUES, LABELS]) {
      for (const row of [0, 1]) expect(cellAt(map, 0, (rowFromTop(map, row) + 0.5) / 2)?.row).toBe(row);
    }
    expect([cellAt(VALUES, -0.1, 0), cellAt(VALUES, 1, 0), cellAt({ ...VALUES, rows: [], counts: new Float64Array() }, 0.5, 0.5)]).toEqual([null, null, null]);
  });

  it('says what a cell is about', () => {
    expect(countAt(VALUES, { step: 1, row: 1 })).toBe(4);
    expect(timesOf(VALUES, 1, 2)).toEqual({ from: 1010n, until: 1030n });
    expect([rowText({ from: 0n, until: 50n, scale: 0 }, 'count'), rowText({ labels: [['a', '']] }, 'count')]).toEqual(['0 – 50', '(none)']);
    expect([countText(VALUES, 1), countText(LABELS, 2)]).toEqual(['1 profile', '2 sample records']);
  });

  it('has ticks at round times, wherever its steps begin', () => {
    const start = BigInt(Date.UTC(2026, 10, 23, 13, 36, 25, 700)) * 1_000_000n;
    const minute: HeatMap = { ...VALUES, start, step: 700_000_000n, counts: new Float64Array(2 * 100) };
    const ticks = timeTicks(minute, 700, 132, true);
    expect(ticks.map(({ text }) => text)).toEqual(['11-23 13:36:30', '13:36:45', '13:37:00', '13:37:15', '13:37:30']);
    for (const [tick, { at }] of ticks.entries()) expect(at * 70).toBeCloseTo(4.3 + 15 * tick);
    expect(timeTicks({ ...minute, step: 7_000_000n }, 700, 132, true)[1]?.text, 'as fine as they stand').toBe('13:36:26.000');
  });

  it('tells few from none and many from few', () => {
    expect(strength(0, 10)).toBe(0);
    expect(strength(1, 1000)).toBeGreaterThan(0.12);
    expect(strength(10, 1000)).toBeGreaterThan(strength(1, 1000));
    expect(strength(1000, 1000)).toBe(1);
  });
});
