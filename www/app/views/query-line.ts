/** The line under the graph that says how far a query is that takes long, stops it, and takes it up again. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { groupDigits } from '../../engine/format.ts';
import { AppView, adoptStyles } from './app-view.ts';

/** `<eg-query-line>` */
export class QueryLine extends AppView {
  protected override render(): TemplateResult | typeof nothing {
    const { reading } = this.state;
    if (reading === null) return nothing;
    const { done, total, stopped } = reading;
    if (reading.of === 'graph') {
      return html`<div class="reading" role="status">
        <progress aria-label="Making the graph"></progress>
        <span class="grow">Making the graph</span>
        <button class="link" @click=${() => this.session.stopQuery()}>Stop</button>
      </div>`;
    }
    const of = total === 0 ? `${groupDigits(done)} profiles` : `${groupDigits(done)} of ${groupDigits(total)} profiles`;
    if (stopped) {
      return html`<div class="reading" role="status">
        <span class="grow">Stopped: only ${of} are shown</span>
        <button class="link" @click=${() => this.session.retry()}>Go on</button>
      </div>`;
    }
    return html`<div class="reading" role="status">
      ${total === 0 ? html`<progress aria-label="Merging profiles"></progress>` : html`<progress max=${total} .value=${done} aria-label="Merging profiles"></progress>`}
      <span class="grow">${of} merged</span>
      <button class="link" @click=${() => this.session.stopQuery()}>Stop</button>
    </div>`;
  }
}

adoptStyles(css`
  eg-query-line .reading {
    position: absolute;
    right: 12px;
    bottom: 12px;
    z-index: 3;
    display: flex;
    align-items: center;
    gap: 12px;
    max-width: calc(100% - 24px);
    height: 36px;
    padding: 0 12px;
    border-radius: var(--eg-radius);
    background: var(--eg-bg-overlay);
    box-shadow: var(--eg-shadow);
    font-size: var(--eg-size-small);
  }

  eg-query-line progress {
    width: 96px;
  }
`);

customElements.define('eg-query-line', QueryLine);
