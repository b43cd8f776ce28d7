/** A line that says how far work is that takes long, and stops it; or that it was stopped, and takes it up again. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { adoptStyles } from './app-view.ts';

/** Work under way; a `total` of 0 is one that nobody knows. */
export interface Working {
  /** What is done, to a screen reader. */
  label: string;
  words: string;
  done: number;
  total: number;
  stop: () => void;
}

export function readingLine({ label, words, done, total, stop }: Working): TemplateResult {
  return html`<div class="reading" role="status">
    ${total === 0 ? html`<progress aria-label=${label}></progress>` : html`<progress max=${total} .value=${done} aria-label=${label}></progress>`}
    <span class="grow number">${words}</span>
    <button class="link" @click=${stop}>Stop</button>
  </div>`;
}

export function stoppedLine(words: string, goOn: () => void): TemplateResult {
  return html`<div class="reading" role="status">
    <span class="grow">${words}</span>
    <button class="link" @click=${goOn}>Go on</button>
  </div>`;
}

adoptStyles(css`
  .reading {
    display: flex;
    align-items: center;
    gap: 12px;
    font-size: var(--eg-size-small);
  }

  .reading progress {
    flex: none;
    width: 96px;
  }
`);
