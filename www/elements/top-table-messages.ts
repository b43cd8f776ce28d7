/** What the top table says where there are no rows, and beside their number. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { TopFrom } from '../engine/protocol.ts';
import { emptyState, loadingState, problemState } from '../flamegraph/messages.ts';
import type { Problem } from '../flamegraph/messages.ts';

/** How far a table is. */
export interface TableState {
  problem: Problem | null;
  /** There is no source. */
  isEmpty: boolean;
  /** Rows; null before the first answer. */
  count: number | null;
  isWaiting: boolean;
  search: string;
}

/** What stands in the place of rows; nothing where there are some. */
export function tableState({ problem, isEmpty, count, isWaiting, search }: TableState, retry: () => void): TemplateResult | typeof nothing {
  if (problem !== null) {
    return problem.code === 'bad-pattern'
      ? problemState('The search cannot be read', problem, null)
      : problemState('The functions could not be listed', problem, retry);
  }
  if (isEmpty) return emptyState('Nothing to show yet', 'The functions of a selection of profiles appear here.');
  if (count === null) return loadingState('Sorting…');
  if (count > 0 || isWaiting) return nothing;
  return search === ''
    ? emptyState('No functions', 'The profiles of this selection hold no samples.')
    : emptyState('No function matches', `Neither a name nor a file matches ${search}.`);
}

/** Says where the values come from if it is not the stacks. */
export function origin(from: TopFrom): TemplateResult | typeof nothing {
  if (from === 'stacks') return nothing;
  const [note, title] =
    from === 'mixed'
      ? ['partly as stated', 'Some of the profiles state the values of their functions, which count as stated; the others count by their stacks.']
      : ['as stated', 'The values are what the profiles state for each function. Their stacks, and so the flame graph, are estimates.'];
  return html` · <span class="origin" title=${title}>${note}</span>`;
}
