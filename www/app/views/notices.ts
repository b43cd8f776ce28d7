/** Lines over the page: what happened, its code, what to do next. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { adviceFor } from '../state/advice.ts';
import type { Notice } from '../state/app-state.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { alert, check, close } from './icons.ts';

/** `<eg-notices>` */
export class Notices extends AppView {
  protected override render(): TemplateResult {
    return html`${this.state.notices.map((notice) => this.#line(notice))}`;
  }

  #line(notice: Notice): TemplateResult {
    const { id, kind, text, code, action } = notice;
    return html`<div class="notice ${kind}" role=${kind === 'info' ? 'status' : 'alert'}>
      ${kind === 'info' ? check : alert}
      <span class="grow">${text} ${code === null ? nothing : html`<code>${code}</code> <span class="muted">${adviceFor(code)}</span>`}</span>
      ${action === null ? nothing : html`<button @click=${action.run}>${action.label}</button>`}
      <button class="bare square" aria-label="Dismiss" title="Dismiss" @click=${() => this.session.notices.dismissedByPerson(id)}>${close}</button>
    </div>`;
  }
}

adoptStyles(css`
  eg-notices {
    position: absolute;
    z-index: 9;
    inset: auto 12px 37px auto;
    display: flex;
    flex-direction: column;
    gap: 8px;
    width: min(480px, calc(100vw - 24px));

    .notice {
      display: flex;
      align-items: flex-start;
      gap: 8px;
      padding: 6px 6px 6px 12px;
      border-radius: 6px;
      background: var(--eg-bg-overlay);
      box-shadow: var(--eg-shadow);
      border-left: 3px solid var(--eg-good);
    }

    .notice > .icon,
    .notice .grow {
      margin: 4px 0;
    }

    .notice > .icon {
      margin-top: 6px;
    }

    .grow {
      overflow-wrap: anywhere;
    }

    .info > .icon {
      color: var(--eg-good);
    }

    .warn {
      border-left-color: var(--eg-warn);
    }

    .warn > .icon {
      color: var(--eg-warn);
    }

    .bad {
      border-left-color: var(--eg-bad);
    }

    .bad > .icon {
      color: var(--eg-bad);
    }
  }
`);

customElements.define('eg-notices', Notices);
