/** The only bar: what is shown, of which labels and times, how safe the data is, and the menu. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatBytes, formatCount } from '../../engine/format.ts';
import { isEmpty } from '../state/app-state.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { mark } from './icons.ts';
import './main-menu.ts';
import './matcher-input.ts';
import './profile-picker.ts';
import './range-picker.ts';

/** `<eg-top-bar>` */
export class TopBar extends AppView {
  protected override render(): TemplateResult {
    const { session } = this;
    return html`
      <h1 class="brand">${mark}<span>Emberglass</span></h1>
      ${isEmpty(this.state)
        ? html`<span class="grow"></span>`
        : html`<eg-profile-picker .session=${session}></eg-profile-picker>
            <eg-matcher-input .session=${session}></eg-matcher-input>
            <eg-range-picker .session=${session}></eg-range-picker>`}
      ${this.#saveState()}
      <eg-main-menu .session=${session}></eg-main-menu>
    `;
  }

  #saveState(): TemplateResult {
    const { status, phase, catalog } = this.state;
    if (phase === 'restarting') return this.#badge('saving', 'restarting', 'The engine is starting again');
    if (phase === 'failed') return this.#badge('bad', 'stopped', 'The engine stopped; reload the page');
    if (status === null) return this.#badge('saving', 'starting', 'The engine is starting');
    const stored = `${formatCount(catalog?.profiles ?? 0, 'profile')}, ${formatBytes(catalog?.storedBytes ?? status.storedBytes)} on this machine`;
    if (status.backend === 'memory') return this.#badge('degraded', 'not saved', 'Memory only: profiles go with this tab');
    if (catalog !== null && catalog.damaged.length > 0) {
      return this.#badge('bad', 'damaged', 'Some stored profiles cannot be read; the notice says which');
    }
    switch (status.state) {
      case 'saved':
        return this.#badge('saved', 'saved', `All is stored: ${stored}`);
      case 'saving':
        return this.#badge('saving', 'saving', `Storing; so far ${stored}`);
      case 'degraded':
        if (status.unsaved === null && status.replica !== null) {
          return this.#badge('degraded', 'one copy', `All is stored once, but not twice: ${status.replica.why}`);
        }
        return this.#badge('degraded', 'not saved', `Storage fails: profiles stay in memory and go with this tab. ${status.unsaved?.why ?? ''}`);
      case 'read-only':
        return this.#badge('degraded', 'read-only', 'Nothing can be stored from this tab');
    }
  }

  #badge(kind: string, text: string, title: string): TemplateResult {
    return html`<span class="save ${kind}" role="status" title=${title}><i></i><span>${text}</span></span>`;
  }
}

adoptStyles(css`
  eg-top-bar {
    display: flex;
    align-items: center;
    gap: 8px;
    height: 48px;
    padding: 0 8px 0 12px;
    border-bottom: 1px solid var(--eg-line);
    background: var(--eg-bg-raised);

    .brand {
      display: flex;
      align-items: center;
      gap: 8px;
      margin: 0 8px 0 0;
      font-size: 14px;
      font-weight: 600;
    }

    .mark {
      display: block;
    }

    eg-matcher-input {
      flex: 1 1 200px;
    }

    .save {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      min-width: 76px;
      padding-left: 8px;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
      white-space: nowrap;
    }

    .save i {
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--eg-good);
    }

    .save.saving i {
      background: none;
      box-shadow: inset 0 0 0 2px var(--eg-accent);
    }

    .save.degraded i {
      background: var(--eg-warn);
      border-radius: 1px;
    }

    .save.bad i {
      background: var(--eg-bad);
      border-radius: 1px;
    }

    @media (max-width: 959px) {
      /* Only where the room is needed: the first page has no controls. */
      &:has(eg-profile-picker) .brand span {
        position: absolute;
        clip-path: inset(50%);
      }

      eg-matcher-input .add span {
        display: none;
      }

      .brand {
        margin-right: 0;
      }
    }

    @media (max-width: 719px) {
      flex-wrap: wrap;
      gap: 4px;
      height: auto;
      min-height: 48px;
      padding: 6px 4px 6px 8px;

      eg-matcher-input {
        order: 9;
        flex: 1 1 100%;
        padding-right: 4px;
      }

      eg-profile-picker {
        flex: 1;
      }

      eg-profile-picker .open {
        min-width: 0;
      }

      .save {
        min-width: 0;
        padding: 0 4px;
      }

      .save span {
        position: absolute;
        clip-path: inset(50%);
      }

      eg-range-picker .open {
        max-width: 132px;
      }
    }
  }
`);

customElements.define('eg-top-bar', TopBar);
