/** The dialogs: what a deletion would delete, the keys, what this is. Native and modal; Escape closes them. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { formatBytes, formatCount } from '../../engine/format.ts';
import { shownService } from '../state/app-state.ts';
import { serviceMatchers } from '../state/matchers.ts';
import { selectionOf } from '../state/queries.ts';
import { formatInstant, zoneName } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close, mark } from './icons.ts';
import { KEYS } from './keys.ts';

/** `<eg-dialogs>` */
export class Dialogs extends AppView {
  static override properties = { ...AppView.properties, scope: { state: true }, working: { state: true } };

  /** What `delete` deletes: all of the service, or only what is selected. */
  declare scope: 'service' | 'selection';
  declare working: boolean;

  constructor() {
    super();
    this.scope = 'service';
    this.working = false;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { dialog } = this.state;
    if (dialog === 'none' || dialog === 'palette' || dialog === 'base') return nothing;
    return html`<dialog aria-labelledby="dialog-title" @cancel=${this.#cancel} @close=${this.#closed} @click=${this.#backdrop}>
      <header>
        <h2 id="dialog-title">${{ delete: 'Delete profiles', 'delete-all': 'Delete everything', keys: 'Keys', about: 'About Emberglass', question: this.state.question?.title }[dialog]}</h2>
        <button class="bare square" aria-label="Close" @click=${this.#close}>${close}</button>
      </header>
      ${{ delete: () => this.#delete(), 'delete-all': () => this.#deleteAll(), keys: () => this.#keys(), about: () => this.#about(), question: () => this.#question() }[dialog]()}
    </dialog>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const dialog = this.querySelector('dialog');
    if (dialog === null || dialog.open) return;
    this.scope = 'service';
    dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-first]')?.focus();
  }

  #delete(): TemplateResult {
    const service = shownService(this.state);
    if (service === null) return html`<p>Nothing of this service is stored.</p>`;
    const { view } = this.state;
    const narrowed = view.match !== '' || view.from !== '' || view.until !== '';
    const types = formatCount(service.types.length, 'profile type');
    return html`
      ${narrowed
        ? html`<div class="choices" role="radiogroup" aria-label="What to delete">
            <label><input type="radio" name="scope" .checked=${this.scope === 'service'} @change=${() => (this.scope = 'service')} />All of the service</label>
            <label><input type="radio" name="scope" .checked=${this.scope === 'selection'} @change=${() => (this.scope = 'selection')} />Only the labels and the time range that are selected</label>
          </div>`
        : nothing}
      ${this.scope === 'selection' && narrowed
        ? html`<p>
            Profiles of <b>${service.name}</b>, of all its ${types}${view.match === '' ? nothing : html`, with the labels <code>${view.match}</code>`}${this.#rangeText()} will be deleted from this machine.
          </p>`
        : html`<p>All <b>${formatCount(service.profiles, 'profile')}</b> of <b>${service.name}</b>, of ${types}, will be deleted from this machine.</p>`}
      <p class="muted">This cannot be undone. The files they came from stay where they are.</p>
      <footer>
        <button data-first @click=${this.#close}>Keep</button>
        <button class="danger" ?disabled=${this.working} @click=${() => this.#run(() => this.#deleteScope())}>Delete</button>
      </footer>
    `;
  }

  #deleteAll(): TemplateResult {
    const { catalog } = this.state;
    return html`
      <p>
        All <b>${formatCount(catalog?.profiles ?? 0, 'profile')}</b> of ${formatCount(catalog?.services.length ?? 0, 'service')}
        (${formatBytes(catalog?.storedBytes ?? 0)}) will be deleted from this machine.
      </p>
      <p class="muted">This cannot be undone. The files they came from stay where they are.</p>
      <footer>
        <button data-first @click=${this.#close}>Keep</button>
        <button class="danger" ?disabled=${this.working} @click=${() => this.#run(() => this.session.deletion.everything())}>Delete everything</button>
      </footer>
    `;
  }

  #question(): TemplateResult | typeof nothing {
    const { question } = this.state;
    if (question === null) return nothing;
    return html`
      <p>${question.text}</p>
      <p class="muted">This cannot be undone. The files they came from stay where they are.</p>
      <footer>
        <button data-first @click=${this.#close}>Keep</button>
        <button class="danger" ?disabled=${this.working} @click=${() => this.#run(question.run)}>${question.action}</button>
      </footer>
    `;
  }

  #keys(): TemplateResult {
    return html`<div class="keys" tabindex="0" role="group" aria-label="Keys">
      ${KEYS.map(
        ({ where, keys }) => html`<h3>${where}</h3>
          <dl>
            ${keys.map(([key, what]) => html`<dt>${key.split(' ').map((each) => html`<kbd>${each}</kbd> `)}</dt>
              <dd>${what}</dd>`)}
          </dl>`,
      )}
    </div>`;
  }

  #about(): TemplateResult {
    return html`
      <p class="about">${mark} Emberglass is a continuous-profiling engine that lives in this tab.</p>
      <p>Profiles are decoded by workers, stored in this browser’s database and merged on demand. Nothing leaves this machine: the page may not talk to any other one.</p>
      <p class="muted">Apache License 2.0</p>
    `;
  }

  #rangeText(): TemplateResult | typeof nothing {
    const { utc } = this.state;
    const { from, until } = this.#selection();
    if (from === null && until === null) return nothing;
    const zone = zoneName(from ?? until ?? 0n, utc);
    return html`${from === null ? nothing : html`, starting from ${formatInstant(from, utc)}`}${until === null ? nothing : html` before ${formatInstant(until, utc)}`} (${zone})`;
  }

  #selection(): { matchers: string; from: bigint | null; until: bigint | null } {
    try {
      return selectionOf(this.state);
    } catch {
      return { matchers: serviceMatchers(this.state.view.service, this.state.view.match), from: null, until: null };
    }
  }

  #deleteScope(): Promise<void> {
    const { service } = this.state.view;
    if (this.scope === 'service') return this.session.deletion.profiles(serviceMatchers(service, ''), null, null);
    const { matchers, from, until } = selectionOf(this.state);
    return this.session.deletion.profiles(matchers, from, until);
  }

  async #run(action: () => Promise<void>): Promise<void> {
    this.working = true;
    try {
      await action();
    } catch (thrown) {
      this.session.notices.report(thrown);
    } finally {
      this.working = false;
      this.#close();
    }
  }

  #close(): void {
    this.querySelector('dialog')?.close();
  }

  /** The event that says so comes later: the next key may open another dialog by then. */
  #cancel(event: Event): void {
    event.preventDefault();
    this.#close();
    this.session.store.set({ dialog: 'none' });
  }

  #closed(event: Event): void {
    if ((event.target as HTMLElement).isConnected) this.session.store.set({ dialog: 'none' });
  }

  #backdrop(event: MouseEvent): void {
    if (event.target === event.currentTarget) this.#close();
  }
}

adoptStyles(css`
  eg-dialogs dialog {
    width: min(460px, calc(100vw - 32px));
    padding: 0;
    border: 0;
    border-radius: 8px;
    background: var(--eg-bg-overlay);
    color: var(--eg-text);
    box-shadow: var(--eg-shadow);

    &::backdrop {
      background: oklch(0% 0 0 / 35%);
    }

    header {
      display: flex;
      align-items: center;
      justify-content: space-between;
      padding: 8px 8px 0 16px;
    }

    h2 {
      margin: 0;
      font-size: 14px;
      font-weight: 600;
    }

    p,
    dl,
    .choices {
      margin: 8px 16px;
    }

    footer {
      display: flex;
      justify-content: flex-end;
      gap: 8px;
      padding: 8px 16px 16px;
    }

    .keys {
      max-height: min(70vh, 560px);
      overflow: auto;
    }

    h3 {
      margin: 12px 16px 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
      font-weight: 400;
    }

    dl {
      display: grid;
      grid-template-columns: 132px 1fr;
      gap: 6px 16px;
      padding-bottom: 8px;
    }

    dd {
      margin: 0;
    }

    .about {
      display: flex;
      align-items: center;
      gap: 8px;
    }
  }
`);

customElements.define('eg-dialogs', Dialogs);
