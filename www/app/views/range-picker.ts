/** The range of start times: presets, both ends as text, one window back or forth, local time or UTC. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { EngineError } from '../../engine/errors.ts';
import { adviceFor } from '../state/advice.ts';
import { shownType } from '../state/app-state.ts';
import { PRESETS, formatInstant, formatRange, fromMs, resolveRange, toRfc3339, zoneName } from '../state/time.ts';
import type { TimeAnchors, TimeRange } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { check, chevronDown, chevronLeft, chevronRight } from './icons.ts';
import { togglePopover } from './popover.ts';

/** `<eg-range-picker>` */
export class RangePicker extends AppView {
  static override properties = { ...AppView.properties, error: { state: true } };

  declare error: EngineError | null;

  constructor() {
    super();
    this.error = null;
  }

  protected override render(): TemplateResult {
    const { view, utc } = this.state;
    const type = shownType(this.state);
    const range = this.#range();
    const closed = range !== null && range.from !== null;
    const zone = zoneName(type?.from ?? fromMs(Date.now()), utc);
    return html`
      <button class="bare square step" aria-label="Earlier" title="One window earlier" ?disabled=${!closed} @click=${() => this.#shift(-1n)}>
        ${chevronLeft}
      </button>
      <button class="open" aria-haspopup="dialog" aria-expanded="false" title=${this.#title(range)} aria-label=${`Time range: ${this.#label(range)}`} ?disabled=${type === null} @click=${this.#open}>
        <span class="number cut">${this.#label(range)}</span>${chevronDown}
      </button>
      <button class="bare square step" aria-label="Later" title="One window later" ?disabled=${!closed} @click=${() => this.#shift(1n)}>
        ${chevronRight}
      </button>
      <div popover="auto" class="panel" aria-label="Time range">
        <div class="presets">
          ${PRESETS.map(
            ({ label, from, until }) => html`<button class="menu-item" aria-pressed=${from === view.from && until === view.until} @click=${() => this.#choose(from, until)}>
              <span class="tick">${from === view.from && until === view.until ? check : nothing}</span>${label}
            </button>`,
          )}
        </div>
        <form @submit=${this.#submit}>
          <label>From<input type="text" name="from" class="mono" autocomplete="off" spellcheck="false" placeholder="open" /></label>
          <label>Until<input type="text" name="until" class="mono" autocomplete="off" spellcheck="false" placeholder="open" /></label>
          ${this.error === null
            ? html`<p class="muted hint">Time (${zone}), or end-1h, now-15m. A profile counts by its start; the end is not part of the range.</p>`
            : html`<p class="hint wrong" role="alert">${this.error.message} <code>${this.error.code}</code>. ${adviceFor(this.error.code)}</p>`}
          <button class="primary" type="submit">Apply</button>
          <label class="utc"><input type="checkbox" .checked=${utc} @change=${this.#setUtc} />Show times in UTC</label>
        </form>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    // Forms with an action are refused by the policy of the page; this one has none and is handled here.
    this.querySelector('form')?.setAttribute('novalidate', '');
  }

  #anchors(): TimeAnchors {
    const now = fromMs(Date.now());
    return { now, end: shownType(this.state)?.until ?? now };
  }

  /** The range in nanoseconds, or null if an expression cannot be read. */
  #range(): TimeRange | null {
    try {
      return resolveRange(this.state.view.from, this.state.view.until, this.#anchors());
    } catch {
      return null;
    }
  }

  #label(range: TimeRange | null): string {
    const { view, utc } = this.state;
    const preset = PRESETS.find(({ from, until }) => from === view.from && until === view.until);
    if (preset !== undefined) return preset.short;
    if (range === null) return 'Not a range';
    if (range.from !== null && range.until !== null) return `${view.cut ? 'Samples ' : ''}${formatRange(range.from, range.until, utc)}`;
    if (range.from !== null) return `From ${formatInstant(range.from, utc)}`;
    return `Until ${formatInstant(range.until ?? 0n, utc)}`;
  }

  #title(range: TimeRange | null): string {
    const { utc, view } = this.state;
    const type = shownType(this.state);
    const from = range?.from ?? type?.from;
    const until = range?.until ?? type?.until;
    return from === undefined || until === undefined ? 'Time range' : `${formatRange(from, until, utc)} (${zoneName(from, utc)})${view.cut ? '; only the samples in it count' : ''}`;
  }

  #open(event: Event): void {
    const panel = this.querySelector<HTMLElement>('.panel');
    const form = this.querySelector('form');
    if (panel === null || form === null) return;
    this.error = null;
    const { view, utc } = this.state;
    const text = (expression: string): string => {
      const range = this.#range();
      const end = expression === view.from ? range?.from : range?.until;
      return /^\d/.test(expression) && end != null ? this.#editable(end, utc) : expression;
    };
    (form.elements.namedItem('from') as HTMLInputElement).value = text(view.from);
    (form.elements.namedItem('until') as HTMLInputElement).value = text(view.until);
    togglePopover(event.currentTarget as HTMLElement, panel, 'bottom-end');
    panel.querySelector<HTMLElement>('.presets [aria-pressed="true"]')?.focus();
  }

  /** An instant as it can be typed in again without loss. */
  #editable(instant: bigint, utc: boolean): string {
    if (utc) return toRfc3339(instant);
    const digits = String(((instant % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, '0').replace(/0+$/, '');
    return formatInstant(instant, false) + (digits === '' ? '' : `.${digits}`);
  }

  #choose(from: string, until: string): void {
    this.querySelector<HTMLElement>('.panel')?.hidePopover();
    this.session.navigate({ from, until }, 'push');
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const { elements } = event.target as HTMLFormElement;
    const text = (name: string): string => (elements.namedItem(name) as HTMLInputElement).value.trim();
    try {
      const range = resolveRange(text('from'), text('until'), this.#anchors());
      // What is relative stays relative; an instant becomes independent of this machine's zone.
      const kept = (expression: string, instant: bigint | null): string =>
        /^\d/.test(expression) && instant !== null ? toRfc3339(instant) : expression;
      this.#choose(kept(text('from'), range.from), kept(text('until'), range.until));
    } catch (thrown) {
      this.error = EngineError.of(thrown);
    }
  }

  #shift(direction: bigint): void {
    const range = this.#range();
    if (range === null || range.from === null) return;
    const until = range.until ?? this.#anchors().end;
    const step = (until - range.from) * direction;
    this.session.navigate({ from: toRfc3339(range.from + step), until: toRfc3339(until + step) }, 'push');
  }

  #setUtc(event: Event): void {
    this.session.setUtc((event.target as HTMLInputElement).checked);
  }
}

adoptStyles(css`
  eg-range-picker {
    display: flex;
    align-items: center;
    min-width: 0;

    .open {
      min-width: 96px;
      max-width: 330px;
      padding: 0 6px 0 10px;
    }

    .step {
      color: var(--eg-text-muted);
    }

    .panel:popover-open {
      display: flex;
      gap: 4px;
    }

    .presets {
      min-width: 190px;
      overflow: auto;
    }

    .presets .menu-item {
      padding-left: 4px;
    }

    .tick {
      width: 16px;
    }

    form {
      display: flex;
      flex-direction: column;
      gap: 8px;
      width: 250px;
      padding: 8px 8px 8px 12px;
      border-left: 1px solid var(--eg-line);
    }

    form label {
      display: flex;
      flex-direction: column;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    form input[type='text'] {
      color: var(--eg-text);
    }

    form .utc {
      flex-direction: row;
      align-items: center;
      gap: 6px;
    }

    .utc input {
      accent-color: var(--eg-accent);
      margin: 0;
    }

    .hint {
      margin: 0;
      font-size: var(--eg-size-small);
      line-height: 16px;
    }

    .wrong {
      color: var(--eg-bad);
    }

    @media (max-width: 719px) {
      .panel:popover-open {
        flex-direction: column;
      }

      .step {
        display: none;
      }

      form {
        width: auto;
        border-left: 0;
        border-top: 1px solid var(--eg-line);
      }
    }
  }
`);

customElements.define('eg-range-picker', RangePicker);
