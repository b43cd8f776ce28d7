/** What belongs to every graph of a comparison: shares or values, the colours with what they mean, and a choice of them. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { DIFF_COLORS } from '../../engine/protocol.ts';
import { CHANGE_COLORS, changeSwatch } from '../../flamegraph/palette.ts';
import type { ChangeColors } from '../../flamegraph/palette.ts';
import { AppView, adoptStyles } from './app-view.ts';

const COLOR_WORDS: Readonly<Record<ChangeColors, { label: string; less: string; more: string }>> = {
  'blue-orange': { label: 'Blue and orange', less: 'blue', more: 'orange' },
  'green-red': { label: 'Green and red', less: 'green', more: 'red' },
};

/** `<eg-diff-tools>` */
export class DiffTools extends AppView {
  protected override render(): TemplateResult {
    const { view, changeColors } = this.state;
    const { less, more } = COLOR_WORDS[changeColors];
    return html`
      <div class="segments" role="group" aria-label="What is compared">
        <button aria-pressed=${!view.absolute} title="Shares of each side’s total" @click=${() => this.session.navigate({ absolute: false }, 'push')}>Shares</button>
        <button aria-pressed=${view.absolute} title="Values as they are" @click=${() => this.session.navigate({ absolute: true }, 'push')}>Values</button>
      </div>
      <span class="scale" role="img" aria-label=${`Colours: ${less} is less, ${more} is more`}>
        <span class="muted">less</span>${Array.from({ length: DIFF_COLORS }, () => html`<i></i>`)}<span class="muted">more</span>
      </span>
      <select aria-label="Colours of changes" title="Colours of changes; blue and orange are told apart by all who see colours" @change=${(event: Event) => this.#choose((event.target as HTMLSelectElement).value)}>
        ${CHANGE_COLORS.map((colors) => html`<option value=${colors} ?selected=${colors === changeColors}>${COLOR_WORDS[colors].label}</option>`)}
      </select>
    `;
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

    .scale {
      display: inline-flex;
      align-items: center;
      gap: 1px;
      font-size: var(--eg-size-small);
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
