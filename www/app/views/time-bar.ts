/** The line over a chart over time: which window is in view, the span that is brushed and what may be done with it, what is not shown. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount, formatValue } from '../../engine/format.ts';
import type { TimeChart } from '../../engine/protocol.ts';
import type { FlameGraph } from '../../flamegraph/flamegraph.ts';
import type { TimeSpan } from '../../flamegraph/source.ts';
import { offsetsText } from '../../flamegraph/time-ticks.ts';
import { foldedAll } from '../state/lanes.ts';
import { windowOf } from '../state/time-window.ts';
import { formatInstant, zoneName } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';

/** What a chart over time does not show. */
export function notShown({ leftOut, untimed, levelsLeftOut }: Pick<TimeChart, 'leftOut' | 'untimed' | 'levelsLeftOut'>): string {
  const words: string[] = [];
  if (leftOut > 0) words.push(`${formatCount(leftOut, 'later profile')} left out: choose a shorter range to see them.`);
  if (untimed > 0) words.push(`${formatCount(untimed, 'profile')} without sample times.`);
  if (levelsLeftOut > 0) words.push(`The deepest ${formatCount(levelsLeftOut, 'level')} left out.`);
  return words.join(' ');
}

/** A span on the clock, or from the begin of a chart that has none. */
export function spanText({ first, last }: TimeSpan, chart: Pick<TimeChart, 'first' | 'clock'>, utc: boolean): string {
  if (chart.clock === 'source') return offsetsText(chart.first, { first, last }).join(' – ');
  const [from, until] = [first, last].map((time) => formatInstant(time, utc, true)) as [string, string];
  return `${from} – ${from.slice(0, 10) === until.slice(0, 10) ? until.slice(11) : until}`;
}

/** The same within a chart of one day, which needs no date: what is brushed must not make the line too long for one row. */
export function timesText(span: TimeSpan, chart: Pick<TimeChart, 'first' | 'last' | 'clock'>, utc: boolean): string {
  const [day, last] = [chart.first, chart.last].map((time) => formatInstant(time, utc).slice(0, 10));
  const text = spanText(span, chart, utc);
  return chart.clock === 'epoch' && day === last ? text.slice(11) : text;
}

/** `<eg-time-bar>` */
export class TimeBar extends AppView {
  static override properties = { ...AppView.properties, chart: { attribute: false } };

  declare chart: TimeChart;

  protected override render(): TemplateResult {
    const { chart } = this;
    const { view, utc, span } = this.state;
    const window = windowOf(view);
    const shown = span ?? window ?? { first: chart.first, last: chart.last };
    const length = formatValue(shown.last - shown.first, 'nanoseconds', 0);
    const note = notShown(chart);
    return html`<div class="bar">
      <span class="number cut" title=${spanText(shown, chart, utc)}>${span === null ? spanText(shown, chart, utc) : html`Brushed: ${timesText(span, chart, utc)}`} · ${length}</span>
      ${chart.clock === 'epoch'
        ? html`<button class="bare small" title=${utc ? 'Show times in the local zone' : 'Show times in UTC'} @click=${() => this.session.setUtc(!utc)}>${zoneName(shown.first, utc)}</button>`
        : html`<span class="muted" title="The files do not say when they were recorded">from the begin</span>`}
      ${span === null
        ? window === null
          ? nothing
          : html`<button class="small" @click=${() => this.session.times.showStacks(window)}>Show the stacks in view</button>
              <button class="bare small" @click=${() => this.session.times.show(null, 'push')}>All of it</button>`
        : html`<button class="small" @click=${() => this.session.times.showStacks(span)}>Show its stacks</button>
            <button class="bare small" @click=${() => this.#zoom(span)}>Zoom to it</button>
            <button class="bare small" @click=${() => this.#graph()?.clearSpan()}>Clear</button>`}
      ${this.#folding()}
      ${note === '' ? nothing : html`<span class="muted note" role="status">${note}</span>`}
    </div>`;
  }

  /** Folds and unfolds all lanes, where there are several. */
  #folding(): TemplateResult | typeof nothing {
    const { lanes } = this.chart;
    if (lanes.length < 2) return nothing;
    const open = lanes.filter(({ isFolded }) => !isFolded).length;
    const fold = (all: boolean): void => this.session.navigate(foldedAll(all), 'push');
    return html`<span class="lanes"
      ><span class="muted">${formatCount(lanes.length, 'lane')}</span>
      <button class="bare small" ?disabled=${open === 0} @click=${() => fold(true)}>Fold all</button>
      <button class="bare small" ?disabled=${open === lanes.length} @click=${() => fold(false)}>Unfold all</button></span
    >`;
  }

  #graph(): FlameGraph | null {
    return this.parentElement?.querySelector<FlameGraph>('emberglass-flamegraph.main') ?? null;
  }

  #zoom(span: TimeSpan): void {
    this.#graph()?.clearSpan();
    this.session.times.show(span, 'push');
  }
}

adoptStyles(css`
  eg-time-bar {
    flex: none;
    border-bottom: 1px solid var(--eg-line);
    font-size: var(--eg-size-small);

    .bar {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 2px 8px;
      min-height: 24px;
      padding: 1px 8px;
    }

    .small {
      flex: none;
      height: 20px;
      padding: 0 6px;
      font-size: var(--eg-size-small);
    }

    .lanes {
      display: flex;
      flex: none;
      align-items: center;
      gap: 4px;
      margin-left: auto;
    }

    .note {
      flex: 1 1 12em;
    }
  }
`);

customElements.define('eg-time-bar', TimeBar);
