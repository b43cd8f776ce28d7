/** What belongs to every graph of a comparison: shares or values, the colours with what they mean, and a choice of them. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatValue } from '../../engine/format.ts';
import { DIFF_COLORS } from '../../engine/protocol.ts';
import type { QueryResult } from '../../engine/protocol.ts';
import { CHANGE_COLORS, changeSwatch } from '../../flamegraph/palette.ts';
import type { ChangeColors } from '../../flamegraph/palette.ts';
import { AppView, adoptStyles } from './app-view.ts';

const COLOR_WORDS: Readonly<Record<ChangeColors, { label: string; less: string; more: string }>> = {
  'blue-orange': { label: 'Blue and orange', less: 'blue', more: 'orange' },
  'green-red': { label: 'Green and red', less: 'green', more: 'red' },
};

/** Swatches before and behind the marks of half and double: a third of the way from the middle to either end. */
const THIRD = DIFF_COLORS / 3;

/** `<eg-diff-tools>` */
export class DiffTools extends AppView {
  static override properties = { ...AppView.properties, result: { attribute: false } };

  /** The difference. */
  declare result: QueryResult | null;

  constructor() {
    super();
    this.result = null;
  }

  protected override render(): TemplateResult {
    const { view, changeColors } = this.state;
    const { less, more } = COLOR_WORDS[changeColors];
    return html`
      <div class="segments" role="group" aria-label="What is compared">
        <button aria-pressed=${!view.absolute} title="Shares of each side’s total" @click=${() => this.session.navigate({ absolute: false }, 'push')}>Shares</button>
        <button aria-pressed=${view.absolute} title="Values as they are" @click=${() => this.session.navigate({ absolute: true }, 'push')}>Values</button>
      </div>
      <span class="legend" title=${view.absolute ? 'Colours compare values as they are: B − A by B + A' : 'Colours compare shares: B − A by B + A, where A’s total counts as B’s'}>
        ${this.#total('A', this.result?.baseTotal ?? null)}
        <span class="scale" role="img" aria-label=${`Colours from ${less}, gone, over half, as it was and double to ${more}, new`}>
          <span class="muted">gone</span>${this.#swatches()}<span class="muted">½</span>${this.#swatches()}<span class="muted">2×</span>${this.#swatches()}<span class="muted">new</span>
        </span>
        ${this.#total('B', this.result?.total ?? null)}
      </span>
      <select aria-label="Colours of changes" title="Colours of changes; blue and orange are told apart by all who see colours" @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value)}>
        ${CHANGE_COLORS.map((colors) => html`<option value=${colors} ?selected=${colors === changeColors}>${COLOR_WORDS[colors].label}</option>`)}
      </select>
    `;
  }

  #swatches(): TemplateResult[] {
    return Array.from({ length: THIRD }, () => html`<i></i>`);
  }

  #total(letter: 'A' | 'B', total: bigint | null): TemplateResult | typeof nothing {
    if (total === null || this.result === null) return nothing;
    const { unit, scale } = this.result;
    return html`<span class="number total" title=${`${letter === 'A' ? 'Total of the base' : 'Total of the head'}: ${exactValue(total, unit, scale)}`}><b class=${letter}>${letter}</b> ${formatValue(total, unit, scale)}</span>`;
  }

  protected override updated(): void {
    const { colorScheme } = getComputedStyle(this);
    const dark = colorScheme === 'dark' || (colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    for (const [row, swatch] of this.querySelectorAll<HTMLElement>('.scale i').entries()) swatch.style.background = changeSwatch(row + 1, dark, this.state.changeColors);
  }

  #choose(value: string): void {
    const colors = CHANGE_COLORS.find((each) => each === value);
    if (colors !== undefined) this.session.setChangeColors(colors);
  }
}

adoptStyles(css`
  eg-diff-tools {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;

    .legend,
    .scale {
      display: inline-flex;
      align-items: center;
      font-size: var(--eg-size-small);
      white-space: nowrap;
    }

    .legend {
      gap: 4px;
    }

    .scale {
      gap: 1px;
    }

    .A {
      color: var(--eg-focus);
    }

    .B {
      color: var(--eg-accent-text);
    }

    .scale i {
      width: 8px;
      height: 12px;
    }

    .scale .muted {
      padding: 0 4px;
    }

    select {
      height: 28px;
      padding: 0 4px;
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg);
      color: var(--eg-text);
      font: inherit;
      font-size: var(--eg-size-small);
    }

    @media (max-width: 719px) {
      gap: 4px;

      .scale i {
        width: 5px;
      }
    }
  }
`);

customElements.define('eg-diff-tools', DiffTools);
