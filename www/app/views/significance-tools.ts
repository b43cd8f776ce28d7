/** How sure the changes of a comparison are: whether it can be told, how far it is, and a filter of what changed significantly. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount, groupDigits } from '../../engine/format.ts';
import { FEWEST_INPUTS, SIGNIFICANT } from '../../engine/protocol.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { significanceTitle } from './diff-cells.ts';

const WHAT = 'Whether a function’s share differs by more than chance is told by Welch’s t-test over its share of each profile';

/** `<eg-significance-tools>` */
export class SignificanceTools extends AppView {
  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.comparison.significance.store.subscribe(() => this.requestUpdate())];
  }

  protected override render(): TemplateResult | typeof nothing {
    const { significance } = this.session.comparison;
    const { test } = significance.store.state;
    switch (test.state) {
      case 'none':
        return nothing;
      case 'filtered':
        return html`<span class="muted" title=${`${WHAT}, all of it. Remove the filters of frames to see it.`}>Significance: without filters only</span>`;
      case 'few':
        return html`<span class="muted number" title=${`${WHAT}: with fewer on a side the answer would be a guess. Select a longer range, or other labels.`}
          >Not enough profiles (${groupDigits(test.base)} and ${groupDigits(test.head)}; ${FEWEST_INPUTS} are needed)</span
        >`;
      case 'offered':
        return html`<button title=${`${WHAT}: ${formatCount(test.profiles, 'profile')} are read again, one by one`} @click=${() => significance.start()}>Test significance</button>`;
      case 'running':
        return html`<span class="running" role="status">
          ${test.share === null ? html`<progress aria-label="Testing significance"></progress>` : html`<progress max="1" .value=${test.share} aria-label="Testing significance"></progress>`}
          <span class="muted">Testing significance</span><button class="link" @click=${() => significance.stop()}>Stop</button>
        </span>`;
      case 'told': {
        const { significant } = this.state.view;
        const { changed } = test.answer;
        return html`<button
          aria-pressed=${significant}
          title=${`Only functions that changed significantly: p of the total or the self value is at most ${SIGNIFICANT}. ${significanceTitle(test.answer)}`}
          @click=${() => this.session.navigate({ significant: !significant }, 'replace')}
        >
          Significant <span class="muted number">${groupDigits(changed)}</span>
        </button>`;
      }
      case 'failed':
        return html`<span class="running" role="alert"
          ><span class="bad">Significance: ${test.error.message} <code>${test.error.code}</code></span><button class="link" @click=${() => significance.start()}>Try again</button></span
        >`;
    }
  }
}

adoptStyles(css`
  eg-significance-tools {
    display: inline-flex;
    align-items: center;
    min-width: 0;
    font-size: var(--eg-size-small);

    .running {
      display: inline-flex;
      align-items: center;
      gap: 6px;
    }

    progress {
      width: 80px;
    }

    button[aria-pressed='true'] {
      background: var(--eg-bg-selected);
    }
  }
`);

customElements.define('eg-significance-tools', SignificanceTools);
