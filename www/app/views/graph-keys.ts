/** Letters that act while a graph has the focus. */

import { FlameGraph } from '../../flamegraph/flamegraph.ts';
import { laneAt } from '../../flamegraph/lanes.ts';
import { filterText, laneFilter } from '../state/filters.ts';
import type { FilterVerb } from '../state/filters.ts';
import { folded } from '../state/lanes.ts';
import type { Session } from '../state/session.ts';
import { isLane } from '../state/sources.ts';

/** What letters do beyond those of every graph. */
export type MoreKeys = Readonly<Record<string, (graph: FlameGraph) => unknown>>;

/** Name of the selected frame; null for none, for the root, and for a lane of a time chart. */
export async function selectedName({ selected, source }: FlameGraph): Promise<string | null> {
  if (selected === null || selected === 0 || source === null || (await isLane(source, selected))) return null;
  return (await source.node(selected)).name;
}

/** The filter of a verb for what is selected: of a frame by its name, of a lane by its thread; null for none. */
async function selectedFilter({ selected, source }: FlameGraph, verb: FilterVerb): Promise<string | null> {
  if (selected === null || selected === 0 || source === null) return null;
  const { name } = await source.node(selected);
  return (await isLane(source, selected)) ? laneFilter(name, verb === 'focus') : filterText(verb, '', name);
}

/** Folds or unfolds the lane of what is selected in a chart over time. */
export function turnLane({ selected, source }: FlameGraph, session: Session): void {
  const rows = source?.lanes?.rows ?? [];
  const lane = selected === null ? undefined : rows[laneAt(rows, selected)];
  if (lane !== undefined) session.navigate(folded(session.store.state.view, lane.name, !lane.isFolded), 'push');
}

/** Does what a letter stands for. */
export function graphKey(event: KeyboardEvent, session: Session, more: MoreKeys = {}): void {
  const graph = event.target;
  if (!(graph instanceof FlameGraph) || event.altKey || event.ctrlKey || event.metaKey) return;
  const named = async (act: (name: string) => unknown): Promise<void> => {
    const name = await selectedName(graph);
    if (name !== null) await act(name);
  };
  const filter = async (verb: FilterVerb): Promise<void> => {
    const text = await selectedFilter(graph, verb);
    if (text !== null) session.addFilter(text);
  };
  const keys: MoreKeys = {
    n: () => session.stepMatch(1),
    N: () => session.stepMatch(-1),
    c: () => named((name) => session.copy(name, 'the name')),
    s: () => named((name) => session.sandwich(name)),
    f: () => filter('focus'),
    h: () => filter('hide'),
    u: () => session.undoFilter(),
    ...more,
  };
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  Promise.resolve(act(graph)).catch((thrown: unknown) => session.notices.report(thrown));
}
