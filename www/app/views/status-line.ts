/** The last line: the frame under the pointer, or an import under way with its bytes, its rate and a way to stop it. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatBytes, formatCount, formatPercent, formatValue, groupDigits } from '../../engine/format.ts';
import type { NodeInfo, QueryResult } from '../../engine/protocol.ts';
import { placeOf } from '../../flamegraph/describe.ts';
import type { ShownResult } from '../state/app-state.ts';
import { runningSummary } from '../state/imports.ts';
import { openSource } from '../state/open-source.ts';
import { AppView, adoptStyles } from './app-view.ts';
import './statistics.ts';

/** How long a frame stays that the pointer left: the way to its link leads out of the graph. */
const LINGER_MS = 700;

/** `<eg-status-line>` */
export class StatusLine extends AppView {
  /** The frame that is told of, what its values are of, and what was shown then. */
  #frame: { info: NodeInfo; of: QueryResult; shown: ShownResult | null } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    for (const type of ['pointerleave', 'focusout']) this.addEventListener(type, () => this.#leave());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.hover.subscribe(() => this.#hovered())];
  }

  #hovered(): void {
    const { info, result } = this.session.hover.state;
    if (info === null || result === null) {
      this.#leave();
      return;
    }
    clearTimeout(this.#timer);
    this.#frame = { info, of: result, shown: this.state.result.value };
    this.requestUpdate();
  }

  /** Takes the frame away in a moment, unless it is pointed at again or the line is used then. */
  #leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.session.hover.state.info !== null || this.matches(':hover, :focus-within')) return;
      this.#frame = null;
      this.requestUpdate();
    }, LINGER_MS);
  }

  protected override render(): TemplateResult {
    return html`<div class="left">${this.#left()}</div>
      <div class="right number muted"><eg-statistics .session=${this.session}></eg-statistics></div>`;
  }

  #left(): TemplateResult | typeof nothing {
    const { result, imports } = this.state;
    const running = runningSummary(imports);
    if (running !== null) {
      const { done, files, bytesDone, bytes, rate } = running;
      const share = bytes === 0 ? 100 : Math.round((bytesDone / bytes) * 100);
      return html`<progress max="100" value=${share} aria-label="Import"></progress>
        <span class="number cut">Importing ${groupDigits(done)} of ${formatCount(files, 'file')} · ${formatBytes(bytesDone)} of ${formatBytes(bytes)} · ${formatBytes(Math.round(rate))}/s</span>
        <button class="link" @click=${() => this.session.store.set({ panel: 'imports' })}>Report</button>
        <button class="link" @click=${() => this.session.imports.cancelAll()}>Cancel</button>`;
    }
    if (this.#frame !== null && result.value !== null && result.value === this.#frame.shown) return this.#frameLine(this.#frame.info, this.#frame.of);
    const last = imports.at(-1);
    if (last === undefined) return nothing;
    const { counts, profiles } = last.summary();
    const parts = [
      counts.saved > 0 || counts.failed + counts.duplicate + counts.skipped + counts.cancelled === 0
        ? `${formatCount(profiles, 'profile')} imported from ${formatCount(counts.saved, 'file')}`
        : '',
      counts.duplicate > 0 ? `${formatCount(counts.duplicate, 'duplicate')}` : '',
      counts.skipped > 0 ? `${groupDigits(counts.skipped)} skipped` : '',
      counts.failed > 0 ? `${groupDigits(counts.failed)} failed` : '',
      counts.cancelled > 0 ? `${groupDigits(counts.cancelled)} cancelled` : '',
    ].filter((part) => part !== '');
    return html`<span class="cut">${parts.join(' · ')}</span>
      <button class="link" @click=${() => this.session.store.set({ panel: 'imports' })}>Report</button>`;
  }

  #frameLine(info: NodeInfo, { unit, scale, total }: QueryResult): TemplateResult {
    const place = placeOf(info);
    const value = (part: bigint): TemplateResult =>
      html`<span class="number" title=${exactValue(part, unit, scale)}>${formatValue(part, unit, scale)}</span>`;
    return html`<span class="cut name mono" title=${info.systemName === '' ? info.name : info.systemName}>${info.name}</span>
      ${place === ''
        ? nothing
        : info.file === ''
          ? html`<span class="cut tail place mono muted" title=${place}><bdi dir="ltr">${place}</bdi></span>`
          : html`<button class="link place mono" title=${`Open ${place} in the source view`} @click=${() => openSource(this.session, info.file, info.line)}><span class="cut tail"><bdi dir="ltr">${place}</bdi></span></button>`}
      <span class="values"><span class="muted">self</span> ${value(info.self)}</span>
      <span class="values"><span class="muted">total</span> ${value(info.total)} <b class="number">${formatPercent(info.total, total)}</b></span>`;
  }
}

adoptStyles(css`
  eg-status-line {
    display: flex;
    align-items: center;
    gap: 16px;
    height: 25px;
    padding: 0 12px;
    border-top: 1px solid var(--eg-line);
    background: var(--eg-bg-raised);
    font-size: var(--eg-size-small);

    .left {
      display: flex;
      align-items: center;
      gap: 12px;
      flex: 1;
      min-width: 0;
      overflow: hidden;
    }

    .right,
    .values {
      flex: none;
    }

    .name {
      flex: 0 1 auto;
      font-weight: 600;
    }

    .place {
      flex: 0 2 auto;
      min-width: 0;
    }

    button.place {
      color: var(--eg-text-muted);
      /* Below underscores. */
      text-underline-offset: 4px;
    }

    button.place:hover {
      color: var(--eg-text);
    }

    b {
      padding-left: 4px;
      font-weight: 600;
    }

    progress {
      appearance: none;
      flex: none;
      width: 96px;
      height: 4px;
      border: 0;
      border-radius: 2px;
      overflow: hidden;
      background: var(--eg-line);
    }

    progress::-webkit-progress-bar {
      background: var(--eg-line);
    }

    progress::-webkit-progress-value {
      background: var(--eg-accent);
    }

    progress::-moz-progress-bar {
      background: var(--eg-accent);
    }

    @media (max-width: 719px) {
      padding: 0 8px;
      gap: 8px;

      .place {
        display: none;
      }
    }
  }
`);

customElements.define('eg-status-line', StatusLine);
