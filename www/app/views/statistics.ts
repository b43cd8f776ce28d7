/** What is known of the selection in numbers: behind the count of profiles in the last line. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatCount, formatValue, groupDigits } from '../../engine/format.ts';
import type { Cardinality, QueryResult } from '../../engine/protocol.ts';
import { shownValue } from '../state/labels.ts';
import { selectionOf } from '../state/queries.ts';
import { formatInstant, formatRange } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { togglePopover } from './popover.ts';

/** Values of a label that are listed. */
const VALUES = 3;

interface Known {
  cardinality: Cardinality;
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
    const { first, last } = known ?? { first: null, last: null };
    const started = first === null || last === null ? '…' : first === last ? this.#when(first) : formatRange(first, last, this.state.utc);
    const spread = known === null ? null : known.cardinality.profilesPerSeries;
    const row = (name: string, value: string, title = ''): TemplateResult => html`<dt>${name}</dt><dd class="number" title=${title}>${value}</dd>`;
    return html`<h2>Statistics of the selection</h2>
      <dl>
        ${row('Profiles', groupDigits(profiles))} ${row('Series', known === null ? '…' : groupDigits(known.cardinality.series), 'Combinations of label values')}
        ${row('In a series', spread === null ? '…' : spread.least === spread.most ? formatCount(spread.most, 'profile') : `${groupDigits(spread.least)} to ${formatCount(spread.most, 'profile')}, ${groupDigits(spread.median)} in the middle one`)}
        ${row('Started', started)} ${row('Time covered', first === null || last === null ? '…' : formatValue(last - first, 'nanoseconds'), 'From the start of the first profile to that of the last')}
        ${row(aggregation === 'average' ? 'Average' : 'Total', formatValue(total, unit, scale), exactValue(total, unit, scale))}
        ${aggregation === 'average' ? nothing : row('A profile', formatValue(mean, unit, scale), `the mean: ${exactValue(mean, unit, scale)}`)}
        ${row('Functions', groupDigits(functions))} ${row('Nodes', `${groupDigits(nodes)}, ${formatCount(depth, 'level')} deep`)} ${row('Merged in', `${elapsedMs.toFixed(1)} ms`)}
      </dl>
      <h2>Labels</h2>
      ${known === null ? html`<div class="skeleton"></div>` : this.#labels(known.cardinality)}
      <button class="list" @click=${this.#list}>List the profiles</button>`;
  }

  #labels({ labels }: Cardinality): TemplateResult {
    const shown = labels.filter(({ name }) => !name.startsWith('__'));
    if (shown.length === 0) return html`<p class="muted">None.</p>`;
    return html`<table>
      <thead>
        <tr><th>Label</th><th>Values</th><th>Of the most series</th></tr>
      </thead>
      <tbody>
        ${shown.map(({ name, values, top }) => {
          const text = top.map(({ value, profiles }) => `${shownValue(value)} ${groupDigits(profiles)}`).join(', ');
          return html`<tr><td class="mono cut" title=${name}>${name}</td><td class="number right">${groupDigits(values)}</td><td class="cut muted" title=${text}>${text}</td></tr>`;
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

  #list(): void {
    this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    this.session.navigate({ page: 'profiles' }, 'push');
  }

  async #read(): Promise<void> {
    this.known = null;
    try {
      const { profileType, matchers, from, until } = selectionOf(this.state);
      const selection = { profileType, matchers, from, until };
      const { client } = this.session.engine;
      const [cardinality, first] = await Promise.all([client.call('cardinality', selection, VALUES), client.call('profiles', selection, 0, 1)]);
      const last = await client.call('profiles', selection, Math.max(0, first.count - 1), 1);
      this.known = { cardinality, first: first.rows[0]?.start ?? null, last: last.rows[0]?.start ?? null };
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

    .list {
      margin-top: 8px;
    }
  }
`);

customElements.define('eg-statistics', Statistics);
