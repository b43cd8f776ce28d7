/** What is known of the selection in numbers: behind the count of profiles in the last line. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatCount, formatValue, groupDigits } from '../../engine/format.ts';
import type { LabelValues, QueryResult } from '../../engine/protocol.ts';
import { selectionOf } from '../state/queries.ts';
import { formatInstant } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { togglePopover } from './popover.ts';

/** Values of a label that are listed. */
const VALUES = 3;

interface Known {
  labels: readonly LabelValues[];
  /** Starts of the first and the last profile. */
  first: bigint | null;
  last: bigint | null;
}

/** `<eg-statistics>` */
export class Statistics extends AppView {
  static override properties = { ...AppView.properties, known: { state: true } };

  declare known: Known | null;

  constructor() {
    super();
    this.known = null;
  }

  protected override render(): TemplateResult | typeof nothing {
    const shown = this.state.result.value;
    if (shown === null) return nothing;
    const { profiles, elapsedMs, nodes, depth } = shown.result;
    const took = `${elapsedMs < 10 ? elapsedMs.toFixed(1) : Math.round(elapsedMs)} ms`;
    return html`<button
        class="link number"
        aria-haspopup="dialog"
        aria-expanded="false"
        title=${`${formatCount(nodes, 'node')}, ${formatCount(depth, 'level')} deep; merged in the engine in ${elapsedMs.toFixed(1)} ms`}
        @click=${this.#open}
      >${formatCount(profiles, 'profile')} · ${took}</button>
      <div popover="auto" role="dialog" aria-label="Statistics of the selection">${this.#body(shown.result)}</div>`;
  }

  #body(result: QueryResult): TemplateResult {
    const { total, unit, scale, profiles, nodes, depth, functions, aggregation, elapsedMs } = result;
    const mean = profiles === 0 ? 0n : total / BigInt(profiles);
    const { known } = this;
    const span = known?.first == null || known.last === null ? '…' : known.first === known.last ? this.#when(known.first) : `${this.#when(known.first)} – ${this.#when(known.last)}`;
    const row = (name: string, value: string, title = ''): TemplateResult => html`<dt>${name}</dt><dd class="number" title=${title}>${value}</dd>`;
    return html`<h2>Statistics of the selection</h2>
      <dl>
        ${row('Profiles', groupDigits(profiles))} ${row('Started', span)}
        ${row(aggregation === 'average' ? 'Average' : 'Total', formatValue(total, unit, scale), exactValue(total, unit, scale))}
        ${aggregation === 'average' ? nothing : row('A profile', formatValue(mean, unit, scale), `the mean: ${exactValue(mean, unit, scale)}`)}
        ${row('Functions', groupDigits(functions))} ${row('Nodes', `${groupDigits(nodes)}, ${formatCount(depth, 'level')} deep`)} ${row('Merged in', `${elapsedMs.toFixed(1)} ms`)}
      </dl>
      <h2>Labels</h2>
      ${known === null ? html`<div class="skeleton"></div>` : this.#labels(known.labels)}`;
  }

  #labels(labels: readonly LabelValues[]): TemplateResult {
    const shown = labels.filter(({ name }) => !name.startsWith('__'));
    if (shown.length === 0) return html`<p class="muted">None.</p>`;
    return html`<table>
      <thead>
        <tr><th>Label</th><th>Values</th><th>Most profiles</th></tr>
      </thead>
      <tbody>
        ${shown.map(({ name, values }) => {
          const most = [...values].sort((a, b) => b.profiles - a.profiles).slice(0, VALUES);
          const text = most.map(({ value, profiles }) => `${value === '' ? '(none)' : value} ${groupDigits(profiles)}`).join(', ');
          return html`<tr><td class="mono cut">${name}</td><td class="number right">${groupDigits(values.length)}</td><td class="cut muted" title=${text}>${text}</td></tr>`;
        })}
      </tbody>
    </table>`;
  }

  #when(instant: bigint): string {
    return formatInstant(instant, this.state.utc);
  }

  #open(event: Event): void {
    const panel = this.querySelector<HTMLElement>('[popover]');
    if (panel === null) return;
    togglePopover(event.currentTarget as HTMLElement, panel);
    if (panel.matches(':popover-open')) void this.#read();
  }

  async #read(): Promise<void> {
    this.known = null;
    try {
      const { profileType, matchers, from, until } = selectionOf(this.state);
      const selection = { profileType, matchers, from, until };
      const { client } = this.session;
      const [labels, first] = await Promise.all([client.call('labels', selection), client.call('profiles', selection, 0, 1)]);
      const last = await client.call('profiles', selection, Math.max(0, first.count - 1), 1);
      this.known = { labels, first: first.rows[0]?.start ?? null, last: last.rows[0]?.start ?? null };
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }
}

adoptStyles(css`
  eg-statistics {
    [popover] {
      width: min(420px, calc(100vw - 24px));
      max-height: 70vh;
      overflow: auto;
      padding: 8px 12px 12px;
      color: var(--eg-text);
      font-size: var(--eg-size);
    }

    h2 {
      margin: 4px 0;
      font-size: 13px;
      font-weight: 600;
    }

    dl {
      display: grid;
      grid-template-columns: 96px minmax(0, 1fr);
      gap: 2px 8px;
      margin: 0 0 8px;
    }

    dt {
      color: var(--eg-text-muted);
    }

    dd {
      margin: 0;
    }

    table {
      width: 100%;
      table-layout: fixed;
      border-collapse: collapse;
    }

    th {
      padding: 2px 4px 2px 0;
      color: var(--eg-text-muted);
      font-weight: 400;
      text-align: left;
    }

    th:nth-child(2) {
      width: 64px;
      padding-right: 8px;
      text-align: right;
    }

    td {
      max-width: 0;
      padding: 2px 8px 2px 0;
      white-space: nowrap;
    }

    .right {
      text-align: right;
    }

    p {
      margin: 0;
    }
  }
`);

customElements.define('eg-statistics', Statistics);
