/** The strip over the panes: totals over time, a line for each value of labels, or how dense the selection is; and the switch between them. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { adviceFor } from '../state/advice.ts';
import { narrowingLabels } from '../state/labels.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import type { Strip } from '../state/view.ts';
import { AppView, adoptStyles } from './app-view.ts';
import './heat-map.ts';
import './series-groups.ts';
import './time-line.ts';

const WORDS: Readonly<Record<Strip, readonly [label: string, title: string]>> = {
  total: ['Total', 'The total over time'],
  groups: ['By label', 'A line for each value of a label'],
  heat: ['Heat map', 'How many profiles have which value, over time'],
};

/** `<eg-over-time>` */
export class OverTimeView extends AppView {
  static override properties = { ...AppView.properties, labels: { state: true } };

  /** Labels that the selection can be grouped by; null until they are known. */
  declare labels: readonly LabelValues[] | null;
  #labelsOf = '';

  constructor() {
    super();
    this.labels = null;
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.overTime.store.subscribe(() => this.requestUpdate())];
  }

  protected override render(): TemplateResult {
    const { view, narrow } = this.state;
    const { strip } = view;
    this.className = strip;
    return html`
      ${strip === 'total' && narrow ? nothing : this.#bar(strip)}
      ${strip === 'total' ? html`<eg-time-line .session=${this.session}></eg-time-line>` : this.#body(strip)}
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.session.overTime.update(this.state);
    const { view, catalog } = this.state;
    if (view.strip === 'total') return;
    const of = JSON.stringify([view.service, view.type, catalog?.generation]);
    if (of === this.#labelsOf) return;
    this.#labelsOf = of;
    this.session.labels().then(
      (labels) => {
        if (of !== this.#labelsOf) return;
        this.labels = narrowingLabels(labels);
        // The label that tells most apart at a glance, where none is chosen.
        if (view.strip === 'groups' && view.by === '') this.#by(firstLabel(this.labels));
      },
      (thrown: unknown) => this.session.notices.report(thrown),
    );
  }

  #bar(strip: Strip): TemplateResult {
    return html`<div class="over-bar">
      ${strip === 'total' ? nothing : this.#labels(strip)}
      <div class="segments" role="group" aria-label="What is shown over time">
        ${(Object.keys(WORDS) as Strip[]).map((each) => {
          const [label, title] = WORDS[each];
          return html`<button aria-pressed=${each === strip} title=${title} @click=${() => this.#show(each)}>${label}</button>`;
        })}
      </div>
    </div>`;
  }

  #labels(strip: Strip): TemplateResult {
    const { by } = this.state.view;
    const known = this.labels ?? [];
    const names = known.map(({ name }) => name);
    const isOther = by !== '' && !names.includes(by);
    return html`<label class="by"
      ><span class="muted">${strip === 'heat' ? 'Rows' : 'By'}</span>
      <select aria-label=${strip === 'heat' ? 'Rows of the heat map' : 'Label to group by'} @change=${(event: Event) => this.#by((event.target as HTMLSelectElement).value)}>
        ${strip === 'heat' ? html`<option value="" ?selected=${by === ''}>values</option>` : nothing}
        ${isOther ? html`<option value=${by} selected>${by}</option>` : nothing}
        ${known.map(({ name, values }) => html`<option value=${name} ?selected=${name === by}>${name} (${values.length})</option>`)}
      </select></label
    >`;
  }

  #body(strip: 'groups' | 'heat'): TemplateResult {
    const { error } = this.session.overTime.store.state[strip];
    if (error !== null) {
      return html`<div class="over-problem" role="alert">
        <span>${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</span>
        <button @click=${() => this.session.overTime.retry(this.state)}>Try again</button>
      </div>`;
    }
    if (strip === 'heat') return html`<eg-heat-map .session=${this.session}></eg-heat-map>`;
    if (this.labels?.length === 0) {
      return html`<div class="over-problem"><span>These profiles carry no labels to group by. Labels can be given when files are added, or on the files page.</span></div>`;
    }
    return html`<eg-series-groups .session=${this.session}></eg-series-groups>`;
  }

  #show(strip: Strip): void {
    this.session.navigate({ strip }, 'replace');
  }

  #by(by: string): void {
    if (by !== this.state.view.by) this.session.navigate({ by }, 'replace');
  }
}

/** Of labels with several values, but not too many to look at, the first; else the first of all. */
function firstLabel(labels: readonly LabelValues[]): string {
  const telling = labels.find(({ values }) => values.length > 1 && values.length <= 20);
  return (telling ?? labels[0])?.name ?? '';
}

adoptStyles(css`
  eg-over-time {
    position: relative;
    display: block;
    min-height: 96px;
    border-bottom: 1px solid var(--eg-line);

    .over-bar {
      position: absolute;
      z-index: 2;
      top: 2px;
      right: 12px;
      display: flex;
      align-items: center;
      gap: 8px;
      font-size: 11px;
    }

    &:not(.total) .over-bar {
      position: static;
      justify-content: space-between;
      height: 32px;
      padding: 0 12px;
    }

    .over-bar .segments {
      background: var(--eg-bg);
    }

    .over-bar .segments button {
      height: 20px;
      padding: 0 6px;
      font-size: 11px;
    }

    .by {
      display: flex;
      align-items: center;
      gap: 6px;
    }

    .by select {
      height: 24px;
      max-width: 220px;
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg);
      color: inherit;
      font: inherit;
      font-size: var(--eg-size-small);
    }

    .over-problem {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 12px;
      min-height: 64px;
      padding: 0 12px 8px;
      color: var(--eg-text-muted);
    }

    @media (max-width: 719px) {
      min-height: 57px;
    }
  }
`);

customElements.define('eg-over-time', OverTimeView);
