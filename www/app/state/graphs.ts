/** The trees of a view: a result as it is, seen otherwise, beside another, or over time. */

import type { EngineClient } from '../../engine/client.ts';
import { EngineError } from '../../engine/errors.ts';
import type { DeriveRequest, QueryResult, Selection } from '../../engine/protocol.ts';
import type { FlameSource } from '../../flamegraph/source.ts';
import type { ShownChart, ShownResult } from './app-state.ts';
import { foldsOf } from './lanes.ts';
import { flameSource, timeSource } from './sources.ts';
import { isCompared, sameTree } from './view.ts';
import type { View } from './view.ts';

/** A result is not kept any more. */
const GONE = 'unknown-handle';

/** What the graph of a result is drawn from. */
export type Graphs = Pick<ShownResult, 'flame' | 'callers' | 'chart' | 'lacks'>;

/** What is looked at: the question, what it is compared with, and how. */
export interface Looking {
  view: View;
  selection: () => Selection;
  base: () => Selection;
  /** The chart over time of the same result, if there is one already. */
  chart: ShownChart | null;
}

/** Says which tree a view shows: views with the same key show the same one. */
export function graphKeyOf({ graph, pivot, baseService, baseMatch, baseFrom, baseUntil, baseFilters, absolute, folds, foldsAll }: View): string {
  const base = graph === 'diff' ? [baseService, baseMatch, baseFrom, baseUntil, baseFilters, absolute] : [];
  return JSON.stringify([sameTree(graph, 'icicle') ? 'icicle' : graph, graph === 'sandwich' ? pivot : '', ...base, ...(graph === 'time' ? [foldsAll, folds] : [])]);
}

/** Makes what draws a result as a view says; `signal` gives it up, which throws `cancelled`. */
export async function graphsOf(client: EngineClient, epoch: number, result: QueryResult, looking: Looking, signal: AbortSignal): Promise<Graphs> {
  const { handle } = result;
  const source = (derived: QueryResult): FlameSource => flameSource(client, epoch, derived);
  const derive = (request: DeriveRequest): Promise<QueryResult> => client.follow({ epoch, signal }, 'derive', request);
  const { graph, pivot } = looking.view;
  const alone = { callers: null, chart: null, lacks: '' } as const;
  if (graph === 'time') {
    const chart = await chartOf(client, epoch, looking, signal);
    return chart === null ? { flame: source(result), ...alone, lacks: 'times' } : { ...alone, flame: timeSource(client, epoch, chart), chart };
  }
  if (graph === 'diff') {
    const diff = isCompared(looking.view) && result.profiles > 0 ? await diffOf(client, epoch, result, looking, signal) : null;
    return diff === null ? { flame: source(result), ...alone, lacks: 'base' } : { flame: source(diff), ...alone };
  }
  if (graph === 'inverted') return { flame: source(await derive({ handle, kind: 'inverted' })), ...alone };
  if (graph !== 'sandwich' || pivot === '') return { flame: source(result), ...alone };
  const callers = source(await derive({ handle, kind: 'callers', pattern: pivot }));
  return { ...alone, flame: source(await derive({ handle, kind: 'callees', pattern: pivot })), callers };
}

/** The selection over time, with the lanes folded that the view says; null where nothing has times. */
async function chartOf(client: EngineClient, epoch: number, looking: Looking, signal: AbortSignal): Promise<ShownChart | null> {
  const { view, selection, chart: known } = looking;
  const whole = known?.whole ?? (await client.follow({ epoch, signal }, 'timeChart', selection()));
  if (whole === null) return null;
  const folds = foldsOf(view);
  if (folds === null) return { ...whole, whole };
  try {
    return { ...whole, ...(await client.follow({ epoch, signal }, 'foldLanes', whole.result.handle, folds)), whole };
  } catch (thrown) {
    // The engine keeps so many results: one that was not looked at for long is made anew.
    if (known === null || EngineError.of(thrown).code !== GONE) throw thrown;
    return await chartOf(client, epoch, { ...looking, chart: null }, signal);
  }
}

/** A result beside what the view compares it with; null where that has no profiles. */
async function diffOf(client: EngineClient, epoch: number, { handle }: QueryResult, { view, base: selected }: Looking, signal: AbortSignal): Promise<QueryResult | null> {
  const base = await client.follow({ epoch, signal }, 'query', selected());
  try {
    if (base.profiles === 0) return null;
    return await client.follow({ epoch, signal }, 'derive', { handle, kind: 'diff', base: base.handle, normalised: !view.absolute });
  } finally {
    // The difference holds what it needs of it.
    client.callIn(epoch, 'release', base.handle).catch(() => undefined);
  }
}
