/** Where the source is: folders and files of this machine, the address of its repository, rules for paths. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount } from '../../engine/format.ts';
import { addressBy, templateOf } from '../state/source-hosts.ts';
import type { SourcePlace } from '../state/source-places.ts';
import { sourceState } from '../state/source-state.ts';
import type { SourceState } from '../state/source-state.ts';
import { MOST_FILES } from '../state/source-trees.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close, plus } from './icons.ts';
import { sourceInputs } from './source-inputs.ts';

/** `<eg-source-places>` */
export class SourcePlacesView extends AppView {
  static override properties = { ...AppView.properties, wrong: { state: true } };

  /** What was written for an address, and is none. */
  declare wrong: string | null;

  constructor() {
    super();
    this.wrong = null;
  }

  protected override subscriptions(): (() => void)[] {
    const { store, places } = sourceState(this.session);
    return [...super.subscriptions(), store.subscribe(() => this.requestUpdate()), places.store.subscribe(() => this.requestUpdate())];
  }

  get #source(): SourceState {
    return sourceState(this.session);
  }

  protected override render(): TemplateResult {
    return html`<div class="scroll" role="region" tabindex="0" aria-label="Where the source is">${this.#folders()} ${this.#repository()} ${this.#rules()}</div>`;
  }

  #folders(): TemplateResult {
    const { places } = this.#source.places.store.state;
    return html`<section aria-labelledby="source-folders">
      <h3 id="source-folders">On this machine</h3>
      ${places.length === 0
        ? html`<p class="muted">Choose the folder of the source, or drop it here: files are found in it by the ends of their paths. They are only read, and stay on this machine.</p>`
        : html`<ul>${places.map((place) => this.#place(place))}</ul>`}
      <div class="row">${sourceInputs(this.session)}</div>
    </section>`;
  }

  #place(place: SourcePlace): TemplateResult {
    const { places } = this.#source;
    const { name, state, files, handle, tree, problem } = place;
    const words = {
      reading: `${formatCount(files, 'file')} so far`,
      ready: `${formatCount(files, 'file')}${tree?.isCut === true ? `: only the first ${formatCount(MOST_FILES, 'file')} are looked at; choose a folder inside of it` : ''}${handle === null ? ', until the page is closed' : ''}`,
      locked: 'the browser asks again before the page may read it',
      failed: `cannot be read: ${problem}`,
    }[state];
    return html`<li>
      <span class="mono cut">${name}</span>
      <span class=${`grow number ${state === 'failed' ? 'bad' : state === 'locked' ? 'warn' : 'muted'}`}>${words}</span>
      ${state === 'locked' ? html`<button @click=${() => this.#do(places.unlock(place))}>Allow reading ${name}</button>` : nothing}
      ${handle !== null && (state === 'ready' || state === 'failed') ? html`<button class="bare" @click=${() => this.#do(places.again(place))}>Read anew</button>` : nothing}
      <button class="bare square" aria-label=${state === 'reading' ? `Stop reading ${name}` : `Remove ${name}`} title=${state === 'reading' ? 'Stop' : 'Remove'} @click=${() => this.#do(places.remove(place))}>${close}</button>
    </li>`;
  }

  #repository(): TemplateResult {
    const { template, revision, fetches } = this.#source.places.store.state.settings;
    const { text } = this.#source.store.state;
    const shown = this.wrong ?? template;
    const example = template === '' ? null : addressBy(template, 'src/main.go', 42, revision);
    return html`<section aria-labelledby="source-repository">
      <h3 id="source-repository">In a repository</h3>
      <label class="wide-label"
        >Address
        <input
          type="text"
          inputmode="url"
          placeholder="https://github.com/owner/name, or a template with {path}, {line}, {revision}"
          spellcheck="false"
          autocomplete="off"
          aria-invalid=${this.wrong !== null}
          aria-describedby="source-example"
          .value=${shown}
          @change=${this.#setTemplate}
        />
      </label>
      <p id="source-example" class=${this.wrong === null ? 'muted' : 'bad'}>
        ${this.wrong !== null
          ? 'This is neither the address of a repository at GitHub, GitLab, Bitbucket or Codeberg nor one with {path} in it.'
          : example === null
            ? 'A link to each line. Paths of Go modules at GitHub, crates and the standard library of Rust have one without it.'
            : `For src/main.go, line 42: ${example.page}`}
      </p>
      <label class="wide-label"
        >Revision
        <input type="text" placeholder="branch, tag or commit; empty for the newest" spellcheck="false" autocomplete="off" .value=${revision} @change=${(event: Event) => this.#source.places.change({ revision: valueOf(event).trim() })} />
      </label>
      <div class="choices">
        <label><input type="checkbox" .checked=${fetches} @change=${(event: Event) => this.#source.places.change({ fetches: (event.target as HTMLInputElement).checked })} />Read the text from there, too, where no file of this machine has it</label>
      </div>
      ${text.kind === 'failed' && text.error.code === 'url-policy' ? html`<p class="warn">The policy of this page forbids it to read from there: the link works all the same. <code>${text.error.code}</code></p>` : nothing}
    </section>`;
  }

  #rules(): TemplateResult {
    const { places } = this.#source;
    const { settings, before } = places.store.state;
    const { rules } = settings;
    const change = (at: number, patch: { from?: string; to?: string }): void => places.change({ rules: rules.map((rule, row) => (row === at ? { ...rule, ...patch } : rule)) });
    return html`<section aria-labelledby="source-rules">
      <h3 id="source-rules">Rules for paths</h3>
      ${rules.length === 0 ? html`<p class="muted">None are needed where the ends of paths are unique. A rule says where paths that begin in one way lie.</p>` : nothing}
      ${rules.map(
        ({ from, to }, at) => html`<div class="rule">
          <input type="text" class="mono" aria-label=${`Rule ${at + 1}: begin of the path in profiles`} placeholder="/home/ci/build/" .value=${from} @change=${(event: Event) => change(at, { from: valueOf(event) })} />
          <span aria-hidden="true">→</span>
          <input type="text" class="mono" aria-label=${`Rule ${at + 1}: begin of the path at hand`} placeholder="app/" .value=${to} @change=${(event: Event) => change(at, { to: valueOf(event) })} />
          <button class="bare square" aria-label=${`Remove rule ${at + 1}`} title="Remove" @click=${() => places.change({ rules: rules.filter((_, row) => row !== at) })}>${close}</button>
        </div>`,
      )}
      <div class="row">
        <button @click=${() => places.change({ rules: [...rules, { from: '', to: '' }] })}>${plus}<span>Add a rule</span></button>
        <button ?disabled=${before.length === 0} @click=${() => places.undo()}>Undo the last change</button>
      </div>
    </section>`;
  }

  #setTemplate(event: Event): void {
    const value = valueOf(event);
    const template = value.trim() === '' ? '' : templateOf(value);
    this.wrong = template === null ? value : null;
    if (template !== null) this.#source.places.change({ template });
  }

  #do(action: Promise<void>): void {
    action.catch((thrown: unknown) => this.session.notices.report(thrown));
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}

adoptStyles(css`
  eg-source-places {
    display: flex;
    flex: 0 1 auto;
    min-height: 120px;
    max-height: 60%;
    border-bottom: 1px solid var(--eg-line);
    background: var(--eg-bg-raised);

    .scroll {
      flex: 1;
      min-width: 0;
      overflow: auto;
    }

    section {
      display: grid;
      gap: 6px;
      padding: 8px 12px 12px;
    }

    section + section {
      border-top: 1px solid var(--eg-line);
    }

    h3 {
      margin: 0;
      font-size: 13px;
      font-weight: 600;
    }

    p {
      margin: 0;
      overflow-wrap: anywhere;
    }

    ul {
      margin: 0;
      padding: 0;
      list-style: none;
    }

    li,
    .row,
    .rule {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
    }

    li .grow {
      white-space: normal;
    }

    .wide-label {
      display: grid;
      grid-template-columns: 64px minmax(0, 1fr);
      align-items: center;
      gap: 8px;
    }

    .rule input {
      flex: 1 1 120px;
    }

    .bad {
      color: var(--eg-bad);
    }

    .warn {
      color: var(--eg-warn);
    }
  }
`);

customElements.define('eg-source-places', SourcePlacesView);
