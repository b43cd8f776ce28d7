/** Letters that act while a graph has the focus. */

import { FlameGraph } from '../../flamegraph/flamegraph.ts';
import { filterText } from '../state/filters.ts';
import type { FilterVerb } from '../state/filters.ts';
import type { Session } from '../state/session.ts';

/** What letters do beyond those of every graph. */
export type MoreKeys = Readonly<Record<string, (graph: FlameGraph) => unknown>>;

/** Name of the selected frame; null for none, and for the root. */
export async function selectedName({ selected, source }: FlameGraph): Promise<string | null> {
  return selected === null || selected === 0 || source === null ? null : (await source.node(selected)).name;
}

/** Does what a letter stands for. */
export function graphKey(event: KeyboardEvent, session: Session, more: MoreKeys = {}): void {
  const graph = event.target;
  if (!(graph instanceof FlameGraph) || event.altKey || event.ctrlKey || event.metaKey) return;
  const named = async (act: (name: string) => unknown): Promise<void> => {
    const name = await selectedName(graph);
    if (name !== null) await act(name);
  };
  const filter = (verb: FilterVerb): Promise<void> => named((name) => session.addFilter(filterText(verb, '', name)));
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
