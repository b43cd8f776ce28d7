import { describe, expect, it } from 'vitest';
import { brushedBy } from '../../www/flamegraph/brush-keys.ts';
import type { Shares } from '../../www/flamegraph/brush-keys.ts';
import { spanWords } from '../../www/flamegraph/time-ticks.ts';

const VIEW = { x0: 0.2, x1: 0.6 };
const near = (span: Shares | null): number[] => (span ?? []).map((share) => Math.round(share * 1e6) / 1e6);

describe('brushing by keyboard', () => {
  it('begins in the middle of what is in view', () => {
    for (const key of ['ArrowLeft', 'ArrowRight', 'Home']) expect(near(brushedBy(key, false, null, VIEW))).toEqual([0.38, 0.42]);
    expect(near(brushedBy('ArrowLeft', false, [0.7, 0.8], VIEW)), 'one out of view is another').toEqual([0.38, 0.42]);
    expect(brushedBy('a', false, null, VIEW)).toBeNull();
    expect(brushedBy('Enter', false, [0.3, 0.4], VIEW)).toBeNull();
  });

  it('moves by a fortieth, never out of view, and keeps its width', () => {
    expect(near(brushedBy('ArrowRight', false, [0.3, 0.4], VIEW))).toEqual([0.31, 0.41]);
    expect(near(brushedBy('ArrowLeft', false, [0.205, 0.305], VIEW))).toEqual([0.2, 0.3]);
    expect(near(brushedBy('ArrowRight', false, [0.5, 0.6], VIEW))).toEqual([0.5, 0.6]);
    expect(near(brushedBy('Home', false, [0.3, 0.4], VIEW))).toEqual([0.2, 0.3]);
    expect(near(brushedBy('End', false, [0.3, 0.4], VIEW))).toEqual([0.5, 0.6]);
  });

  it('moves its end with Shift, to a step at least and the edges at most', () => {
    expect(near(brushedBy('ArrowRight', true, [0.3, 0.4], VIEW))).toEqual([0.3, 0.41]);
    expect(near(brushedBy('ArrowLeft', true, [0.3, 0.305], VIEW))).toEqual([0.3, 0.31]);
    expect(near(brushedBy('End', true, [0.3, 0.4], VIEW))).toEqual([0.3, 0.6]);
    expect(near(brushedBy('Home', true, [0.3, 0.4], VIEW))).toEqual([0.2, 0.4]);
  });

  it('is said by the clock of the chart, with its length', () => {
    const first = 1_795_440_971_000_000_000n;
    const span = { first: first + 40_000_000n, last: first + 50_000_000n };
    expect(spanWords({ first, last: first + 100_000_000n, clock: 'source' }, span, true)).toBe('40.0 ms to 50.0 ms, 10.0 ms');
    expect(spanWords({ first, last: first + 100_000_000n, clock: 'epoch' }, span, true)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} to \d\d:\d\d:\d\d\.\d{3}, 10\.0 ms$/);
  });
});
