/** Rows where rows will be. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { adoptStyles } from './app-view.ts';

/** So many grey rows. */
export function skeleton(rows: number): TemplateResult {
  return html`<div class="skeletons" aria-hidden="true">
    ${Array.from({ length: rows }, (_, row) => html`<div class=${`skeleton w${(row * 7) % 5}`}></div>`)}
  </div>`;
}

adoptStyles(css`
  .skeletons {
    display: flex;
    flex-direction: column;
    gap: 4px;
    padding: 8px;

    .skeleton {
      height: 20px;
    }

    .w0 {
      width: 100%;
    }

    .w1 {
      width: 82%;
    }

    .w2 {
      width: 64%;
    }

    .w3 {
      width: 47%;
    }

    .w4 {
      width: 30%;
    }
  }
`);
