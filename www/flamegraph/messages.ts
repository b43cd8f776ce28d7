/** What the elements say where there is nothing to show. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';

/** What went wrong, with a stable code. */
export interface Problem {
  code: string;
  message: string;
}

/** The problem that a thrown value tells of; errors of the engine carry a code. */
export function problemOf(error: unknown): Problem {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : 'unknown',
    message: typeof message === 'string' ? message : String(error),
  };
}

/** A state that says what to do next. */
export function emptyState(title: string, text: string): TemplateResult {
  return html`<div class="state">
    <h2>${title}</h2>
    <p>${text}</p>
  </div>`;
}

/** A state with the way out of it; without `retry` the way out is elsewhere on the page. */
export function problemState(title: string, { code, message }: Problem, retry: (() => void) | null): TemplateResult {
  return html`<div class="state" role="alert">
    <h2>${title}</h2>
    <p>${message} (${code})</p>
    ${retry === null ? nothing : html`<button @click=${retry}>Try again</button>`}
  </div>`;
}

/** What stands over the graph; nothing where it is shown. */
export function messageOf(state: { isEmpty: boolean; hasSource: boolean; problem: Problem | null; isLoading: boolean }, retry: () => void): TemplateResult | typeof nothing {
  if (!state.hasSource) return emptyState('Nothing to show yet', 'The flame graph of a selection of profiles appears here.');
  if (state.problem !== null) return problemState('The flame graph could not be drawn', state.problem, retry);
  if (state.isEmpty) return emptyState('No samples', 'The profiles of this selection hold no samples. Widen the time range or change the labels.');
  return state.isLoading ? loadingState('Drawing…') : nothing;
}

/** Seen only where it lasts. */
export function loadingState(text: string): TemplateResult {
  return html`<div class="state loading"><p>${text}</p></div>`;
}
