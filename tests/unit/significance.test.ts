import { describe, expect, it } from 'vitest';
import type { EngineClient, Following } from '../../www/engine/client.ts';
import { EngineError } from '../../www/engine/errors.ts';
import type { SignificanceAnswer } from '../../www/engine/protocol.ts';
import type { Compared } from '../../www/app/state/compare.ts';
import { SignificanceTest, rowBytesOf } from '../../www/app/state/significance.ts';
import { formatChange, formatDifference, formatProbability, isSignificant } from '../../www/app/views/diff-cells.ts';

/** A comparison of so many profiles, looked at through filters. */
function compared(base: number, head: number, filters: readonly string[] = []): Compared {
  const side = (profiles: number): unknown => ({ result: { profiles }, selection: { profiles, filters } });
  return { base: side(base), head: side(head), diff: { result: { handle: 7 } }, epoch: 3 } as unknown as Compared;
}

const ANSWER: SignificanceAnswer = { baseInputs: 40, headInputs: 30, fewest: 8, enough: true, changed: 2 };

/** A client that answers when told to, and can be given up. */
function asking(): { test: SignificanceTest; asked: number[]; following: Following[]; answer: (with_: SignificanceAnswer | EngineError) => Promise<void> } {
  const asked: number[] = [];
  const following: Following[] = [];
  let settle: { resolve: (answer: SignificanceAnswer) => void; reject: (error: EngineError) => void } | null = null;
  const follow = (how: Following, _method: string, handle: number): Promise<SignificanceAnswer> => {
    asked.push(handle);
    following.push(how);
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
      how.signal?.addEventListener('abort', () => reject(new EngineError('cancelled', 'given up')));
    });
  };
  // 2 KB of rows a profile.
  const call = async (_method: string, { profiles }: { profiles: number }): Promise<unknown> => ({ profiles, rollups: 0, rolledUp: 0, rowBytes: profiles * 2048 });
  const test = new SignificanceTest(() => ({ follow, call, epoch: 3 }) as unknown as EngineClient);
  const answer = async (with_: SignificanceAnswer | EngineError): Promise<void> => {
    if (with_ instanceof EngineError) settle?.reject(with_);
    else settle?.resolve(with_);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { test, asked, following, answer };
}

const stateOf = (test: SignificanceTest): unknown => test.store.state.test;

describe('how sure changes are', () => {
  it('is asked at once where that is quick', async () => {
    const { test, asked, answer } = asking();
    await test.use(compared(400, 300), false);
    expect(asked).toEqual([7]);
    await answer(ANSWER);
    expect(stateOf(test)).toEqual({ state: 'told', answer: ANSWER });
  });

  it('waits for somebody to ask where it takes long; it can be given up and asked again', async () => {
    const { test, asked, following, answer } = asking();
    await test.use(compared(4000, 3000), false);
    expect(stateOf(test)).toEqual({ state: 'offered', profiles: 7000 });
    test.start();
    following[0]?.onProgress?.({ done: 350, total: 7000 });
    expect(stateOf(test)).toEqual({ state: 'running', share: 0.05 });
    test.stop();
    await answer(ANSWER);
    expect(stateOf(test)).toEqual({ state: 'offered', profiles: 7000 });
    // The address still wants it: what was stopped stays so until somebody asks.
    test.want();
    expect(asked.length).toBe(1);
    test.start();
    expect(asked.length).toBe(2);
    await answer(new EngineError('damaged-section', 'a section is damaged'));
    expect(stateOf(test)).toMatchObject({ state: 'failed', error: { code: 'damaged-section' } });
  });

  it('is asked where the address wants it', async () => {
    const { test, asked } = asking();
    await test.use(compared(4000, 3000), true);
    expect(asked.length).toBe(1);
    const other = asking();
    await other.test.use(compared(4000, 3000), false);
    other.test.want();
    expect(other.asked.length).toBe(1);
  });

  it('is not told of few profiles, nor of filtered ones', async () => {
    const { test, asked, answer } = asking();
    await test.use(compared(5, 2000), true);
    expect(stateOf(test)).toEqual({ state: 'few', base: 5, head: 2000 });
    await test.use(compared(400, 300, ['hide:x']), true);
    expect(stateOf(test)).toEqual({ state: 'filtered' });
    expect(asked).toEqual([]);
    await test.use(compared(10, 14), false);
    await answer({ ...ANSWER, baseInputs: 5, headInputs: 7, enough: false });
    expect(stateOf(test)).toEqual({ state: 'few', base: 5, head: 7 });
  });

  it('costs what its profiles do, whatever sums the query took in their place', () => {
    const estimate = { profiles: 1000, series: 1, blocks: 1, rollups: 0, rolledUp: 0, rowBytes: 50_000, bytes: 0, cachedBytes: 0, nodes: null, missing: null, widened: null };
    expect(rowBytesOf(estimate)).toBe(50_000);
    expect(rowBytesOf({ ...estimate, rollups: 10, rolledUp: 990, rowBytes: 4000 })).toBe(200_000);
    expect(rowBytesOf({ ...estimate, profiles: 0, rowBytes: 0 })).toBe(0);
  });

  it('an answer about what is no longer shown is dropped', async () => {
    const { test, answer } = asking();
    await test.use(compared(400, 300), false);
    await test.use(null, false);
    await answer(ANSWER);
    expect(stateOf(test)).toEqual({ state: 'none' });
  });
});

describe('cells of a comparison', () => {
  it('have signs', () => {
    expect([formatChange(0.25), formatChange(-0.1), formatChange(0), formatChange(0.00001)]).toEqual(['+25.0', '−10.0', '0.00', '+0.001']);
    expect([formatDifference(60n, 'count', 0), formatDifference(-1500n, 'nanoseconds', 0), formatDifference(0n, 'count', 0)]).toEqual(['+60', '−1.50 µs', '0']);
  });

  it('mark what is significant, by the total or the self value', () => {
    expect([formatProbability(0.00004), formatProbability(0.05), formatProbability(1)]).toEqual(['<0.0001', '0.0500', '1.0000']);
    expect([isSignificant({ selfP: null, totalP: null }), isSignificant({ selfP: 0.05, totalP: 0.9 }), isSignificant({ selfP: 0.4, totalP: 0.051 })]).toEqual([false, true, false]);
  });
});
