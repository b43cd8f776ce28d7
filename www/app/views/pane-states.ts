/** What stands in the place of table and graph where there is nothing to draw: why, and a way out. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { adviceFor } from '../state/advice.ts';
import { shownService, shownType } from '../state/app-state.ts';
import type { ShownResult } from '../state/app-state.ts';
import type { Session } from '../state/session.ts';
import { matcherProblem } from './matcher-input.ts';
import { skeleton } from './skeleton.ts';

/** In the place of both: no service, no profiles, or an error. */
export function insteadOfPanes(session: Session): TemplateResult {
  const { state } = session.store;
  const { result, view } = state;
  const { error } = result;
  if (shownService(state) === null) {
    return message(
      view.service === '' ? 'No service chosen' : `Nothing is stored of ${view.service}`,
      'Choose another service at the top, or import profiles of this one.',
      html`<button class="primary" @click=${() => session.showStored()}>Show what is stored</button>`,
    );
  }
  if (error === null) return noProfiles(session);
  const problem = matcherProblem(state);
  return message(
    problem === null ? 'The profiles could not be merged' : 'The label matchers cannot be read',
    html`${problem ?? error.describe()} ${problem === null ? nothing : html`<code>${error.code}</code>`}<br />${adviceFor(error.code)}`,
    html`<button @click=${() => session.retry()}>Try again</button>
      ${view.filters.length === 0 ? nothing : html`<button @click=${() => session.undoFilter()}>Remove the last filter</button>`}`,
  );
}

function noProfiles(session: Session): TemplateResult {
  const { state } = session.store;
  const { view } = state;
  const missing = shownType(state) === null;
  return message(
    missing ? `${view.service} has no profiles of this type` : 'No profiles here',
    missing ? 'Choose another profile type at the top.' : 'No profile of this type matches the labels and starts in the range.',
    html`
      ${view.from !== '' || view.until !== ''
        ? html`<button class="primary" @click=${() => session.navigate({ from: '', until: '' }, 'push')}>Show all data</button>`
        : nothing}
      ${view.match === '' ? nothing : html`<button @click=${() => session.navigate({ match: '' }, 'push')}>Remove the matchers</button>`}
    `,
  );
}

/** In the place of the graph alone; null where it can be drawn. */
export function insteadOfGraph(session: Session, shown: ShownResult | null): TemplateResult | null {
  const { graph, pivot } = session.store.state.view;
  const back = html`<button @click=${() => session.showGraph('icicle')}>Back to the whole graph</button>`;
  if (graph === 'sandwich' && pivot === '') {
    return message('No function chosen', 'Choose one in the top table, or press s on a frame: its callers stand above, what it calls below.', back);
  }
  if (shown === null) return skeleton(10);
  if (graph === 'time' && shown.lacks === 'times') {
    return message(
      'No sample times',
      'The files of these profiles say how often each stack was seen, not when. Formats with a time for each sample (JFR, Chrome, Firefox, perf, evented speedscope) have this view.',
      back,
    );
  }
  if (shown.lacks === 'graph') {
    return message(
      'This graph was stopped',
      'The table shows the whole result.',
      html`<button class="primary" @click=${() => session.retry()}>Make it</button>${back}`,
    );
  }
  if (graph === 'diff' && shown.lacks === 'base') {
    return message(
      'Nothing to compare with',
      'What this is compared with has no profiles of this type.',
      html`<button class="primary" @click=${() => session.bases.earlier('before')}>Compare with just before</button>${back}`,
    );
  }
  return null;
}

function message(title: string, text: string | TemplateResult, actions: TemplateResult): TemplateResult {
  return html`<div class="state" role="status">
    <h2>${title}</h2>
    <p>${text}</p>
    <div class="row">${actions}</div>
  </div>`;
}
