/** Label matchers: a text field for people who type, and a list of the labels that there are. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { formatCount, groupDigits } from '../../engine/format.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import type { AppState } from '../state/app-state.ts';
import { addMatcher, innerMatchers, offsetInMatch } from '../state/matchers.ts';
import type { PickGroup } from '../state/pick.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close, plus } from './icons.ts';
import type { PickList } from './pick-list.ts';
import { togglePopover } from './popover.ts';

/** The engine's code for matchers that cannot be read. */
const BAD_SELECTOR = 'bad-selector';

/** What is wrong with the matchers as they were typed, or null if nothing is. */
export function matcherProblem(state: AppState): string | null {
  const error = state.result.error;
  if (error?.code !== BAD_SELECTOR) return null;
  const at = error.offset === null ? null : offsetInMatch(state.view.service, state.view.match, error.offset);
  const what = error.message.replace(/ at byte \d+/, '');
  return at === null ? what : `${what}, at character ${at + 1}`;
}

/** `<eg-matcher-input>` */
export class MatcherInput extends AppView {
  protected override render(): TemplateResult {
    const { view } = this.state;
    const problem = matcherProblem(this.state);
    return html`
      <div class="field">
        <input
          type="text"
          class="mono"
          aria-label="Label matchers"
          aria-invalid=${problem !== null}
          placeholder='{label="value"}'
          title=${problem ?? 'Label matchers: = != =~ !~'}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          ?disabled=${view.service === ''}
          @change=${(event: Event) => this.#apply((event.target as HTMLInputElement).value)}
          @keydown=${this.#key}
        />
        ${view.match === ''
          ? nothing
          : html`<button class="bare square clear" aria-label="Remove all matchers" title="Remove all matchers" @click=${() => this.#apply('')}>
              ${close}
            </button>`}
      </div>
      <button
        class="bare add"
        aria-haspopup="dialog"
        aria-expanded="false"
        title="Narrow down by a label"
        ?disabled=${view.service === ''}
        @click=${this.#open}
      >
        ${plus}<span>label</span>
      </button>
      <div popover="auto" aria-label="Add a label matcher">
        <eg-pick-list id="label-list" label="Labels and their values" empty="These profiles carry no other labels." @eg-pick=${this.#pick}></eg-pick-list>
      </div>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const input = this.querySelector<HTMLInputElement>('.field input');
    if (input !== null && document.activeElement !== input) input.value = this.state.view.match;
  }

  #apply(text: string): void {
    const inner = innerMatchers(text);
    const match = inner === '' ? '' : `{${inner}}`;
    const input = this.querySelector<HTMLInputElement>('.field input');
    if (input !== null) input.value = match;
    if (match !== this.state.view.match) this.session.navigate({ match, zoom: [] }, 'push');
  }

  #key(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if (event.key === 'Enter') this.#apply(input.value);
    else if (event.key === 'Escape') {
      input.value = this.state.view.match;
      input.blur();
      event.stopPropagation();
    }
  }

  async #open(event: Event): Promise<void> {
    const panel = this.querySelector<HTMLElement>('[popover]');
    const list = this.querySelector<PickList>('eg-pick-list');
    if (panel === null || list === null) return;
    const anchor = event.currentTarget as HTMLElement;
    if (panel.matches(':popover-open')) {
      togglePopover(anchor, panel);
      return;
    }
    try {
      list.groups = groupsOf(await this.session.labels());
      togglePopover(anchor, panel);
      list.open();
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }

  #pick(event: CustomEvent<{ id: string }>): void {
    const [name, value] = JSON.parse(event.detail.id) as [string, string];
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    this.#apply(addMatcher(this.state.view.match, name, value));
  }
}

/** The labels that narrow something down: the service is chosen elsewhere, and labels of the engine's own start with `__`. */
function groupsOf(labels: readonly LabelValues[]): PickGroup[] {
  return labels
    .filter(({ name }) => name !== 'service_name' && !name.startsWith('__'))
    .map(({ name, values }) => ({
      title: name,
      note: formatCount(values.length, 'value'),
      options: values.map(({ value, profiles }) => ({
        id: JSON.stringify([name, value]),
        text: value === '' ? '(empty)' : value,
        note: groupDigits(profiles),
        selected: false,
      })),
    }));
}

adoptStyles(css`
  eg-matcher-input {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;

    .field {
      position: relative;
      flex: 1;
      min-width: 0;
    }

    .field input {
      width: 100%;
      padding-right: 28px;
    }

    .clear {
      position: absolute;
      right: 0;
      top: 0;
      color: var(--eg-text-muted);
    }

    .add {
      padding: 0 8px 0 4px;
      gap: 2px;
      color: var(--eg-text-muted);
    }
  }
`);

customElements.define('eg-matcher-input', MatcherInput);
