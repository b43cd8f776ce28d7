/** The line at the foot of a page that says what is under way, how far it is, and stops it. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Storage } from '../state/storage.ts';

export function workLine(storage: Storage): TemplateResult | typeof nothing {
  const { work } = storage.store.state;
  if (work === null) return nothing;
  const { words, share } = work;
  return html`<div class="working" role="status">
    ${share === null ? html`<progress aria-label=${words}></progress>` : html`<progress max="1" .value=${share} aria-label=${words}></progress>`}
    <span class="grow">${words}${share === null ? '' : ` · ${Math.round(share * 100)} %`}</span>
    ${share === null ? nothing : html`<button class="link" @click=${() => storage.cancel()}>Cancel</button>`}
  </div>`;
}
