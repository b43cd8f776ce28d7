/** Small multiples: a line over time for each value of the labels that are grouped by, the largest first. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatCount, formatPercent, formatValue } from '../../engine/format.ts';
import type { SeriesGroup } from '../../engine/protocol.ts';
import { shownType } from '../state/app-state.ts';
import { addGroup, groupWords, labelsOfGroup } from '../state/group-by.ts';
import type { GroupLabel } from '../state/group-by.ts';
import { shownValue } from '../state/labels.ts';
import { selectionOf } from '../state/queries.ts';
import { formatInstant, formatRange, toRfc3339 } from '../state/time.ts';
import type { TimeRange } from '../state/time.ts';
import type { Groups } from '../state/over-time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { compare } from './icons.ts';
import './time-strip.ts';

/** `<eg-series-groups>` */
export class SeriesGroups extends AppView {
  static override properties = { ...AppView.properties, place: { state: true } };

  /** Share of the width that is pointed at. */
  declare place: number | null;

  constructor() {
    super();
    this.place = null;
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.overTime.store.subscribe(() => this.requestUpdate())];
  }

  protected override render(): TemplateResult {
    const { value } = this.session.overTime.store.state.groups;
    if (value === null) return html`<div class="groups" aria-busy="true">${[0, 1, 2].map(() => html`<div class="group"><div class="skeleton"></div></div>`)}</div>`;
    const { groups, rest } = value.series;
    const whole = groups.reduce((sum, group) => sum + total(group), 0) + (rest === null ? 0 : total(rest));
    return html`<div class="groups" role="list" aria-label="Totals over time by label" aria-busy=${this.session.overTime.store.state.groups.loading}>
      ${groups.map((group) => this.#group(value, group, whole))}
      ${rest === null ? nothing : this.#row(value, rest, whole, html`<span class="value cut muted">${formatCount(rest.count, 'other value')}</span>`, nothing)}
    </div>`;
  }

  #group(groups: Groups, group: SeriesGroup, whole: number): TemplateResult {
    const labels = labelsOfGroup(group.labels, this.state.view.by);
    const text = labels.map(({ value }) => shownValue(value)).join(' · ');
    const said = labels.map(groupWords).join(', ');
    const name = html`<button class="value cut bare" title=${`Show only ${said}`} @click=${() => this.#only(labels)}>${text}</button>`;
    const [label] = labels;
    const versus =
      labels.length !== 1 || label === undefined
        ? nothing
        : html`<button class="bare square" title=${`Compare ${said} with the rest`} aria-label=${`Compare ${said} with the rest`} @click=${() => this.session.bases.rest(label)}>${compare}</button>`;
    return this.#row(groups, group, whole, name, versus);
  }

  #row({ series, from, until }: Groups, group: SeriesGroup, whole: number, name: TemplateResult, more: TemplateResult | typeof nothing): TemplateResult {
    const unit = shownType(this.state)?.unit ?? '';
    const sum = BigInt(Math.round(total(group)));
    const said = group.labels.map(([, value]) => value).join(', ');
    return html`<div class="group" role="listitem">
      ${name}
      <eg-time-strip
        .series=${{ start: series.start, step: series.step, values: group.values, profiles: group.profiles, missing: null }}
        .span=${{ from, until }}
        .range=${this.#range()}
        .place=${this.place}
        .label=${`${said}: ${formatRange(from, until, this.state.utc)}`}
        @eg-place=${(event: CustomEvent<number | null>) => (this.place = event.detail)}
        @eg-brush=${this.#brush}
      ></eg-time-strip>
      <span class="number sum" title=${this.#at(series, group, from, until) ?? exactValue(sum, unit)}>${this.#at(series, group, from, until) ?? formatValue(sum, unit)}</span>
      <span class="number share muted">${formatPercent(sum, BigInt(Math.round(whole)))}</span>
      <span class="more">${more}</span>
    </div>`;
  }

  /** The value under the pointer, which all lines share. */
  #at(series: Groups['series'], group: SeriesGroup, from: bigint, until: bigint): string | null {
    if (this.place === null || series.step === 0n) return null;
    const instant = from + BigInt(Math.round(this.place * Number(until - from)));
    const step = Number((instant - series.start) / series.step);
    const value = group.values[step];
    if (value === undefined || (group.profiles[step] ?? 0) === 0) return '–';
    const start = series.start + series.step * BigInt(step);
    return `${formatInstant(start, this.state.utc).slice(11)} ${formatValue(BigInt(Math.round(value)), shownType(this.state)?.unit ?? '')}`;
  }

  #range(): TimeRange {
    try {
      return selectionOf(this.state);
    } catch {
      // The range picker says what is wrong with it.
      return { from: null, until: null };
    }
  }

  #brush({ detail }: CustomEvent<TimeRange>): void {
    if (detail.from !== null && detail.until !== null) this.session.navigate({ from: toRfc3339(detail.from), until: toRfc3339(detail.until) }, 'push');
  }

  #only(labels: readonly GroupLabel[]): void {
    this.session.navigate({ match: addGroup(this.state.view.match, labels), zoom: [] }, 'push');
  }
}

function total({ values }: SeriesGroup): number {
  return values.reduce((sum, value) => sum + value, 0);
}

adoptStyles(css`
  eg-series-groups {
    display: block;

    .groups {
      max-height: min(34vh, 264px);
      overflow-y: auto;
      padding-bottom: 4px;
    }

    .group {
      display: grid;
      grid-template-columns: minmax(120px, 240px) minmax(0, 3fr) 132px 56px 28px;
      align-items: center;
      gap: 8px;
      height: 32px;
      padding: 0 12px;
    }

    .group + .group {
      border-top: 1px solid var(--eg-line);
    }

    .value {
      display: block;
      min-width: 0;
      padding: 0 4px;
      text-align: left;
    }

    eg-time-strip {
      height: 26px;
    }

    .sum,
    .share {
      overflow: hidden;
      text-align: right;
      white-space: nowrap;
      text-overflow: ellipsis;
    }

    .more button {
      width: 28px;
    }

    .skeleton {
      grid-column: 1 / -1;
      height: 20px;
    }

    @media (max-width: 719px) {
      .group {
        grid-template-columns: 96px minmax(0, 1fr) 48px;
      }

      .sum,
      .more {
        display: none;
      }
    }
  }
`);

customElements.define('eg-series-groups', SeriesGroups);
