/** Charts over time with folded lanes: what is asked of the engine. */

import { describe, expect, it } from 'vitest';
import type { EngineClient } from '../../www/engine/client.ts';
import { EngineError } from '../../www/engine/errors.ts';
import type { QueryResult, Selection, TimeChart } from '../../www/engine/protocol.ts';
import type { ShownChart } from '../../www/app/state/app-state.ts';
import { graphKeyOf, graphsOf } from '../../www/app/state/graphs.ts';
import { DEFAULT_VIEW } from '../../www/app/state/view.ts';
import type { View } from '../../www/app/state/view.ts';

const result = (handle: number): QueryResult => ({ handle }) as QueryResult;
const whole = (handle: number): TimeChart => ({ result: result(handle), lanes: [{ node: 1, name: 'a', level: 1, isFolded: false }] }) as TimeChart;

/** What was asked of an engine that keeps the results from `kept` on. */
async function asked(view: Partial<View>, chart: ShownChart | null, kept = 0): Promise<{ calls: string[]; shown: ShownChart | null }> {
  const calls: string[] = [];
  const follow = (_: unknown, method: string, first: unknown): Promise<unknown> => {
    calls.push(method === 'foldLanes' ? `fold ${String(first)}` : method);
    if (method === 'timeChart') return Promise.resolve(whole(50));
    if ((first as number) < kept) return Promise.reject(new EngineError('unknown-handle', 'gone'));
    return Promise.resolve({ result: result(90), lanes: [{ node: 1, name: 'a', level: 1, isFolded: true }] });
  };
  const client = { follow } as unknown as EngineClient;
  const looking = { view: { ...DEFAULT_VIEW, graph: 'time' as const, ...view }, selection: () => ({}) as Selection, base: () => ({}) as Selection, chart };
  const graphs = await graphsOf(client, 1, result(1), looking, new AbortController().signal);
  return { calls, shown: graphs.chart };
}

describe('a chart over time', () => {
  it('is asked for once, and folded from the whole', async () => {
    const first = await asked({}, null);
    expect(first.calls).toEqual(['timeChart']);
    expect(first.shown?.result.handle).toBe(50);
    const folded = await asked({ folds: ['a'] }, first.shown);
    expect(folded.calls).toEqual(['fold 50']);
    expect([folded.shown?.result.handle, folded.shown?.lanes[0]?.isFolded]).toEqual([90, true]);
    const again = await asked({ foldsAll: true }, folded.shown);
    expect(again.calls).toEqual(['fold 50']);
    const open = await asked({}, again.shown);
    expect(open.calls).toEqual([]);
    expect(open.shown?.result.handle).toBe(50);
    expect((await asked({ folds: ['a'] }, null)).calls).toEqual(['timeChart', 'fold 50']);
  });

  it('is made anew where the engine does not keep it any more', async () => {
    const old: ShownChart = { ...whole(7), whole: whole(7) };
    const folded = await asked({ folds: ['a'] }, old, 20);
    expect(folded.calls).toEqual(['fold 7', 'timeChart', 'fold 50']);
    expect(folded.shown?.whole.result.handle).toBe(50);
    await expect(asked({ folds: ['a'] }, null, 60)).rejects.toThrow('gone');
  });

  it('is another graph for other folds, and no other graph is', () => {
    const key = (view: Partial<View>): string => graphKeyOf({ ...DEFAULT_VIEW, ...view });
    expect(key({ graph: 'time', folds: ['a'] })).not.toBe(key({ graph: 'time' }));
    expect(key({ graph: 'time', foldsAll: true })).not.toBe(key({ graph: 'time' }));
    expect(key({ graph: 'icicle', folds: ['a'] })).toBe(key({ graph: 'icicle' }));
  });
});
