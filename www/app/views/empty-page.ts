/** The first page: what this is, where to put profiles, an example, and that nothing leaves the machine. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { EngineError } from '../../engine/errors.ts';
import { adviceFor } from '../state/advice.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { fileInputs } from './file-inputs.ts';
import { flask, lock } from './icons.ts';

/** `<eg-empty-page>` */
export class EmptyPage extends AppView {
  static override properties = { ...AppView.properties, error: { state: true }, opening: { state: true } };

  declare error: EngineError | null;
  declare opening: boolean;

  constructor() {
    super();
    this.error = null;
    this.opening = false;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="sheet">
        ${this.state.view.service === ''
          ? nothing
          : html`<p class="asked">Nothing of <b>${this.state.view.service}</b>, which the address asks for, is stored on this machine.</p>`}
        <h2>Store and explore profiles of programs, here in the browser.</h2>
        <p class="muted">
          Import CPU, heap, lock and other profiles; see them over time, by label, as a flame graph and a table. They are still here
          tomorrow.
        </p>
        <div class="drop">
          <p>Drop profiles or a folder anywhere on this page</p>
          <div class="row">${fileInputs(this.session, { words: ['Choose files…', 'Choose a folder…'], classes: ['primary', ''] })}</div>
          <p class="muted small">pprof, folded stacks, perf, JFR, speedscope, Chrome, Firefox, OpenTelemetry, callgrind and more; gzipped or raw</p>
        </div>
        <div class="foot">
          <button class="bare" ?disabled=${this.opening} @click=${this.#examples}>${flask}Open the example profiles</button>
          <span class="private muted">${lock}Nothing leaves this machine</span>
        </div>
        ${this.error === null
          ? nothing
          : html`<p class="wrong" role="alert">${this.error.message} <code>${this.error.code}</code>. ${adviceFor(this.error.code)}</p>`}
      </div>
    `;
  }

  async #examples(): Promise<void> {
    this.error = null;
    this.opening = true;
    try {
      await this.session.imports.openExamples();
    } catch (thrown) {
      this.error = EngineError.of(thrown);
    } finally {
      this.opening = false;
    }
  }
}

adoptStyles(css`
  eg-empty-page {
    display: grid;
    place-items: center;
    min-height: 0;
    padding: 24px;
    overflow: auto;

    .sheet {
      width: min(640px, 100%);
    }

    h2 {
      margin: 0 0 4px;
      font-size: 18px;
      line-height: 26px;
      font-weight: 600;
    }

    p {
      margin: 0;
    }

    .drop {
      display: flex;
      flex-direction: column;
      align-items: center;
      gap: 12px;
      margin: 20px 0 8px;
      padding: 36px 16px 28px;
      border: 1px dashed var(--eg-line-strong);
      border-radius: 6px;
      background: var(--eg-bg-raised);
      text-align: center;
    }

    .drop p {
      text-wrap: balance;
    }

    .row {
      display: flex;
      flex-wrap: wrap;
      justify-content: center;
      gap: 8px;
    }

    .asked {
      margin-bottom: 16px;
      overflow-wrap: anywhere;
    }

    .small {
      font-size: var(--eg-size-small);
    }

    .foot {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 4px 16px;
    }

    .foot button {
      margin-left: -10px;
      color: var(--eg-accent-text);
    }

    .private {
      display: flex;
      align-items: center;
      gap: 6px;
    }

    .wrong {
      margin-top: 8px;
      color: var(--eg-bad);
    }
  }
`);

customElements.define('eg-empty-page', EmptyPage);
