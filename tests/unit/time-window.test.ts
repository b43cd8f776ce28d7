/** Windows of a chart over time: shares of its width, times, and the address. */

import { describe, expect, it } from 'vitest';

import { windowFields, windowOf } from '../../www/app/state/time-window.ts';
import { decodeView, encodeView } from '../../www/app/state/url.ts';
import { DEFAULT_VIEW, patched } from '../../www/app/state/view.ts';
import { sharesOf, spanOf } from '../../www/flamegraph/chart-time.ts';
import { clockStep, clockText, clockTicks, offsetTicks } from '../../www/flamegraph/time-ticks.ts';

const BEGIN = 1_795_440_971_731_594_128n;
const CHART = { first: BEGIN, last: BEGIN + 60_000_000_000n };

describe('a window', () => {
  it('is as exact as a nanosecond, there and back', () => {
    for (const [x0, x1] of [[0, 1], [0.25, 0.5], [0.123456, 0.123457], [0.999, 1]] as const) {
      const shares = sharesOf(CHART, spanOf(CHART, { x0, x1 }));
      expect(Math.abs(shares![0] - x0)).toBeLessThan(1e-10);
      expect(Math.abs(shares![1] - x1)).toBeLessThan(1e-10);
    }
    expect(spanOf(CHART, { x0: 0.5, x1: 0.5 }).last).toBe(spanOf(CHART, { x0: 0.5, x1: 0.5 }).first + 1n);
  });

  it('is the part of it that the chart has, and all of the chart where there is none', () => {
    expect(sharesOf(CHART, { first: BEGIN - 5n, last: BEGIN + 30_000_000_000n })).toEqual([0, 0.5]);
    expect(sharesOf(CHART, { first: CHART.last, last: CHART.last + 1n })).toBeNull();
    expect(sharesOf({ first: 1n, last: 1n }, CHART)).toBeNull();
  });

  it('is in the address by its times', () => {
    const view = { ...DEFAULT_VIEW, service: 'shop', ...windowFields({ first: BEGIN, last: BEGIN + 1n }) };
    const read = decodeView(encodeView(view))!;
    expect(read).toEqual(view);
    expect(windowOf(read)).toEqual({ first: BEGIN, last: BEGIN + 1n });
    expect(windowOf(read), 'the same object').toBe(windowOf(view));
    for (const bad of [{ windowFrom: 'now', windowUntil: 'end' }, { windowFrom: '2026-99-99T00:00:00Z', windowUntil: '2027-01-01T00:00:00Z' }, { windowFrom: view.windowUntil, windowUntil: view.windowFrom }]) {
      expect(windowOf(bad)).toBeNull();
    }
  });

  it('goes with its service and type; a cut goes with its range', () => {
    const view = { ...DEFAULT_VIEW, service: 'shop', type: 't', cut: true, windowFrom: 'a', windowUntil: 'b' };
    expect(patched(view, { search: 'x' })).toMatchObject({ cut: true, windowFrom: 'a' });
    expect(patched(view, { type: 'u' })).toMatchObject({ cut: true, windowFrom: '', windowUntil: '' });
    expect(patched(view, { from: 'end-1h' })).toMatchObject({ cut: false, windowFrom: 'a' });
    expect(patched(view, { from: 'x', cut: true })).toMatchObject({ cut: true });
  });
});

describe('ticks on the clock', () => {
  it('stand at round times, far enough apart, none with the text of its neighbour', () => {
    for (let power = 0; power < 56; power += 1) {
      const span = 10 ** (1 + power / 4);
      const ticks = clockTicks(BEGIN, 0.25 * span, span, 1000, true);
      const step = clockStep(span, 1000);
      expect(ticks.length, String(span)).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(12);
      const texts = ticks.map(({ text }) => text);
      expect(texts.filter((text, at) => text === texts[at - 1]), texts.join(' | ')).toEqual([]);
      for (const { at } of ticks) {
        expect(at).toBeGreaterThanOrEqual(0.25 * span);
        expect((BEGIN + BigInt(Math.round(at))) % BigInt(step)).toBe(0n);
      }
    }
  });

  it('read as a clock', () => {
    const at = BigInt(Date.UTC(2026, 10, 26, 10, 23, 45)) * 1_000_000n;
    expect(clockText(at, 60e9, true)).toBe('10:23');
    expect(clockText(at, 5e9, true)).toBe('10:23:45');
    expect(clockText(at + 120_000_000n, 20e6, true)).toBe('10:23:45.120');
    expect(clockText(at + 120_004_000n, 2e3, true)).toBe(':45.120004');
    expect(clockText(at + 120_004_005n, 5, true)).toBe(':45.120004005');
    expect(clockText(BigInt(Date.UTC(2026, 10, 27)) * 1_000_000n, 3600e9, true)).toBe('11-27');
  });

  it('follow the zone', () => {
    const at = BigInt(Date.UTC(2026, 10, 26, 10, 30)) * 1_000_000n;
    const date = new Date(Number(at / 1_000_000n));
    expect(clockText(at, 60e9, false)).toBe(`${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`);
  });
});

describe('ticks from the begin', () => {
  it('begin at 0', () => {
    expect(offsetTicks(0, 100e6, 500).map(({ text }) => text)).toEqual(['0', '20 ms', '40 ms', '60 ms', '80 ms', '100 ms']);
  });
});
