/** What is known of the text of a file: where it is from, whether it fits the costs, how to give it. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import { cleanPath, nameOf } from '../state/source-paths.ts';
import { sourceState } from '../state/source-state.ts';
import type { SourceState } from '../state/source-state.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { sourceInputs } from './source-inputs.ts';

/** Files of a choice that are listed. */
const MOST_CHOICES = 20;

/** `<eg-source-note>`; tells `eg-places` when the person wants to say where the source is. */
export class SourceNote extends AppView {
  static override properties = { ...AppView.properties, file: {} };

  declare file: string;

  protected override subscriptions(): (() => void)[] {
    const { store, places } = this.#source;
    return [...super.subscriptions(), store.subscribe(() => this.requestUpdate()), places.store.subscribe(() => this.requestUpdate())];
  }

  get #source(): SourceState {
    return sourceState(this.session);
  }

  protected override render(): TemplateResult {
    const { file } = this;
    const { text } = this.#source.store.state;
    const { places } = this.#source.places.store.state;
    const locked = places.filter(({ state }) => state === 'locked');
    const name = nameOf(cleanPath(file));
    const unlock = locked.map((place) => html`<button class="primary" @click=${() => this.#do(this.#source.places.unlock(place))}>Allow reading ${place.name}</button>`);
    if (text.kind === 'reading') return html`<div class="note muted" role="status">Reading ${text.from}…</div>`;
    if (text.kind === 'several') {
      return html`<div class="note" role="status">
        <span>${formatCount(text.paths.length, 'file')} may be meant. Which one is it? A rule is made of it.</span>
        <ul>${text.paths.slice(0, MOST_CHOICES).map((path) => html`<li><button class="link mono" @click=${() => this.#source.choose(file, path)}>${path}</button></li>`)}</ul>
      </div>`;
    }
    if (text.kind === 'failed') {
      return html`<div class="note" role="alert"><span class="bad">${text.error.message} <code>${text.error.code}</code>. ${adviceFor(text.error.code)}</span>${unlock}
        <button @click=${() => this.#source.retry()}>Try again</button>${sourceInputs(this.session)}</div>`;
    }
    if (text.kind === 'text') {
      const { beyond, blank } = text.stray;
      const stray = [beyond === 0 ? null : `${formatCount(beyond, 'line')} beyond its end`, blank === 0 ? null : formatCount(blank, 'blank line')].filter((each) => each !== null);
      return html`<div class="note" role="status">
        <span class="mono cut muted" title=${text.from}>${text.from}</span>
        ${stray.length === 0 ? nothing : html`<span class="warn">${stray.join(' and ')} ${beyond + blank === 1 ? 'costs' : 'cost'}: the text is of another version than what ran.</span>`}
        ${text.byName ? html`<span class="warn">Only its name says that this is the file: a rule for the path makes sure.</span>` : nothing}
      </div>`;
    }
    const reading = places.find(({ state }) => state === 'reading');
    const words = locked.length > 0 ? `The text of ${name} may be in a folder that the browser asks for again.` : reading !== undefined ? `Looking through ${reading.name}: ${formatCount(reading.files, 'file')} so far.` : `The text of ${name} is not at hand: these are its lines that cost.`;
    return html`<div class="note" role="status"><span>${words}</span>${unlock}${sourceInputs(this.session)}<button @click=${() => this.dispatchEvent(new CustomEvent('eg-places'))}>In a repository…</button></div>`;
  }

  #do(action: Promise<void>): void {
    action.catch((thrown: unknown) => this.session.notices.report(thrown));
  }
}

adoptStyles(css`
  eg-source-note {
    flex: none;
    max-height: 40%;
    overflow: auto;

    .note {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px 8px;
      padding: 4px 8px;
      border-bottom: 1px solid var(--eg-line);
      background: var(--eg-bg-raised);
      font-size: var(--eg-size-small);
    }

    ul {
      flex-basis: 100%;
      margin: 0;
      padding: 0;
      list-style: none;
    }

    .warn {
      color: var(--eg-warn);
    }

    .bad {
      color: var(--eg-bad);
    }
  }
`);

customElements.define('eg-source-note', SourceNote);
