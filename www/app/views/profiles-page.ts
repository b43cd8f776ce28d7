/** The profiles of the selection one by one, a drawer over the frame; and one of them with its neighbours, threads and metadata. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatCount, formatPercent, formatValue, groupDigits } from '../../engine/format.ts';
import type { StoredProfile } from '../../engine/protocol.ts';
import { adviceFor } from '../state/advice.ts';
import { shownType } from '../state/app-state.ts';
import { formatLabels } from '../state/label-text.ts';
import { ownLabels } from '../state/labels.ts';
import { addMatcher } from '../state/matchers.ts';
import { viewOf } from '../state/profiles.ts';
import type { ProfileDetail } from '../state/profiles.ts';
import { formatInstant } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { fileLine } from './file-line.ts';
import { chevronLeft, chevronRight, close } from './icons.ts';
import { pageStyles } from './page-styles.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 44;

/** `<eg-profiles-page>` */
export class ProfilesPage extends AppView {
  readonly #list = new VirtualList(this, ROW);
  #focused: StoredProfile | null = null;

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.profiles.store.subscribe(() => this.requestUpdate())];
  }

  protected override willUpdate(): void {
    const { profiles } = this.session;
    profiles.update(this.state);
    this.#list.count = profiles.store.state.open === null ? (profiles.store.state.count ?? 0) : 0;
    const shown = this.#list.items;
    const [first, last] = [shown[0], shown.at(-1)];
    if (first !== undefined && last !== undefined) profiles.want(this.state, first.index, last.index);
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override updated(): void {
    const { open, count } = this.session.profiles.store.state;
    if (open === null && (count ?? 0) > 0) this.#list.mount();
    if (open === this.#focused) return;
    this.#focused = open;
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult {
    const { open, count, detail } = this.session.profiles.store.state;
    return html`
      <div class="head">
        ${open === null
          ? html`<h2 tabindex="-1">Profiles</h2>
              <span class="grow muted number cut">${count === null ? '' : `${formatCount(count, 'profile')} of the selection, by start`}</span>`
          : html`<button class="bare square" aria-label="All profiles of the selection" title="All profiles of the selection" @click=${() => this.#open(null)}>${chevronLeft}</button>
              <h2 class="cut number" tabindex="-1">${this.#when(open.start)}</h2>
              <span class="grow muted number cut">${detail === null ? '' : `${groupDigits(detail.place + 1)} of ${groupDigits(detail.count)} in its series`}</span>`}
        <button class="bare square" aria-label="Close the profiles page" title="Close (Esc)" @click=${() => this.session.navigate({ page: '' }, 'push')}>${close}</button>
      </div>
      ${open === null ? this.#body() : this.#one(open)}
    `;
  }

  #body(): TemplateResult {
    const { error, count } = this.session.profiles.store.state;
    if (error !== null) {
      return html`<div class="state" role="alert">
        <h2>The profiles could not be listed</h2>
        <p>${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>
        <div class="row"><button class="primary" @click=${() => this.session.profiles.retry(this.state)}>Try again</button></div>
      </div>`;
    }
    if (count === null) return html`<div class="grow" aria-busy="true">${[0, 1, 2, 3].map(() => html`<div class="line waiting"><div class="skeleton"></div></div>`)}</div>`;
    if (count === 0) {
      return html`<div class="state">
        <h2>No profiles in this selection</h2>
        <p>Take a longer range, or fewer label matchers.</p>
        <div class="row"><button class="primary" @click=${() => this.session.navigate({ from: '', until: '', match: '' }, 'push')}>All data of this type</button></div>
      </div>`;
    }
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Profiles of the selection">
      <div class="rows" role="list">${this.#list.items.map(({ index, start }) => this.#row(index, start))}</div>
    </div>`;
  }

  #row(index: number, top: number): TemplateResult {
    const profile = this.session.profiles.row(index);
    if (profile === undefined) return html`<div class="line waiting" role="listitem" data-start=${top}><div class="skeleton"></div></div>`;
    const labels = formatLabels(ownLabels(profile.labels));
    return html`<div class="line" role="listitem" data-start=${top}>
      <button class="bare what" @click=${() => this.#open(profile)}>
        <span class="first">
          <span class="number grow">${this.#when(profile.start)}</span>
          ${profile.duration === 0n ? nothing : html`<span class="muted number">${formatValue(profile.duration, 'nanoseconds')}</span>`}
          <span class="number value" title=${this.#exact(profile)}>${this.#value(profile)}</span>
        </span>
        <span class="second"><span class="cut grow mono" title=${labels}>${labels}</span><span class="cut source" title=${profile.source}>${profile.source}</span></span>
      </button>
    </div>`;
  }

  #one(profile: StoredProfile): TemplateResult {
    const { detail } = this.session.profiles.store.state;
    const labels = ownLabels(profile.labels);
    const row = (name: string, value: TemplateResult | string, title = ''): TemplateResult => html`<dt>${name}</dt><dd class="number" title=${title}>${value}</dd>`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="One profile">
      <section aria-label="Where to go">${this.#ways(detail)}</section>
      <section aria-label="Facts">
        <dl>
          ${row('Total', this.#value(profile), this.#exact(profile))} ${profile.duration === 0n ? nothing : row('Duration', formatValue(profile.duration, 'nanoseconds'))}
          ${row('Sample records', groupDigits(profile.records))} ${row('File', html`<span class="mono">${profile.source}</span>`)}
        </dl>
      </section>
      ${labels.length === 0
        ? nothing
        : html`<section aria-labelledby="profile-labels">
            <h3 id="profile-labels">Labels</h3>
            <dl>${labels.map(([name, value]) => row(name, html`<span class="mono">${value}</span>`))}</dl>
          </section>`}
      ${detail?.metadata.length === 0
        ? nothing
        : html`<section aria-labelledby="profile-metadata">
            <h3 id="profile-metadata">Metadata</h3>
            ${detail === null ? html`<div class="skeleton"></div>` : html`<dl>${detail.metadata.map(({ name, values }) => row(name, values.map(({ value }) => value).join(', ')))}</dl>`}
          </section>`}
      ${detail === null || detail.threads.length === 0 ? nothing : this.#threads(detail)}
    </div>`;
  }

  #ways(detail: ProfileDetail | null): TemplateResult {
    const previous = detail?.previous ?? null;
    const next = detail?.next ?? null;
    const alone = detail !== null && this.#isAlone(detail);
    return html`<div class="row">
      <button aria-label="Previous profile of the series" title="Previous profile of the series" ?disabled=${previous === null} @click=${() => this.#step(previous)}>${chevronLeft}<span>Previous</span></button>
      <button aria-label="Next profile of the series" title="Next profile of the series" ?disabled=${next === null} @click=${() => this.#step(next)}><span>Next</span>${chevronRight}</button>
      <span class="grow"></span>
      <button class="primary" ?disabled=${detail === null || alone} @click=${() => detail !== null && this.#alone(detail)}>${alone ? 'Shown alone' : 'Show it alone'}</button>
      <button ?disabled=${previous === null} @click=${() => detail !== null && this.#compare(detail)}>Compare with the previous</button>
    </div>`;
  }

  #threads({ threads, profile }: ProfileDetail): TemplateResult {
    const unit = this.#unit();
    const whole = threads.reduce((sum, { total }) => sum + total, 0);
    return html`<section aria-label="Threads of the recording">
      <h3>Threads of the recording <span class="muted number">${groupDigits(threads.length)}</span></h3>
      <ul class="threads">
        ${threads.map(
          ({ name, total, profiles }) => html`<li>
            <button class="bare what" title=${`Show only ${name}: ${formatCount(profiles, 'profile')}`} @click=${() => this.#thread(profile, name)}>
              <span class="mono cut grow">${name}</span>
              <span class="number value">${formatValue(BigInt(Math.round(total)), unit)}</span>
              <span class="number share muted">${formatPercent(BigInt(Math.round(total)), BigInt(Math.round(whole)))}</span>
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #unit(): string {
    return shownType(this.state)?.unit ?? '';
  }

  #value({ total, scale }: StoredProfile): string {
    return formatValue(total, this.#unit(), scale);
  }

  #exact({ total, scale }: StoredProfile): string {
    return exactValue(total, this.#unit(), scale);
  }

  #when(instant: bigint): string {
    return formatInstant(instant, this.state.utc, true);
  }

  #open(profile: StoredProfile | null): void {
    void this.session.profiles.open(profile, this.state.view.type);
  }

  #isAlone(detail: ProfileDetail): boolean {
    const { match, from, until } = this.state.view;
    const alone = viewOf(detail);
    return match === alone.match && from === alone.from && until === alone.until;
  }

  #alone(detail: ProfileDetail): void {
    this.session.navigate({ ...viewOf(detail), zoom: [] }, 'push');
  }

  /** To a neighbour; where the view shows this one alone, it goes along. */
  #step(profile: StoredProfile | null): void {
    const { detail } = this.session.profiles.store.state;
    if (profile === null || detail === null) return;
    if (this.#isAlone(detail)) this.session.navigate(viewOf({ profile, match: detail.match }), 'push');
    this.#open(profile);
  }

  #compare(detail: ProfileDetail): void {
    if (detail.previous === null) return;
    const base = viewOf({ profile: detail.previous, match: detail.match });
    this.session.navigate({ ...viewOf(detail), page: 'compare', baseService: this.state.view.service, baseMatch: base.match, baseFrom: base.from, baseUntil: base.until }, 'push');
  }

  #thread(profile: StoredProfile, name: string): void {
    const { from, until } = viewOf({ profile, match: '' });
    this.session.navigate({ match: addMatcher('', 'thread', name), from, until, zoom: [] }, 'push');
  }
}

adoptStyles(
  pageStyles,
  css`
    eg-profiles-page {
      ${fileLine}

      .line {
        position: absolute;
        inset: 0 0 auto;
        height: 44px;
        border-bottom: 1px solid var(--eg-line);
      }

      .line.waiting {
        position: relative;
        padding: 12px 16px;
      }

      .rows .line.waiting {
        position: absolute;
      }

      .skeleton {
        height: 20px;
      }

      .line .what {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-content: stretch;
        gap: 0;
        width: 100%;
        height: 43px;
        padding: 3px 16px;
        border-radius: 0;
        line-height: 18px;
        text-align: left;
      }

      .first .value {
        min-width: 72px;
        text-align: right;
      }

      .source {
        flex: 0 1 auto;
        max-width: 40%;
      }

      .threads {
        padding: 0;
        list-style: none;
      }

      .threads .what {
        width: 100%;
        padding: 0 4px;
        text-align: left;
      }

      .threads .share {
        width: 56px;
        text-align: right;
      }

      h3 span {
        padding-left: 4px;
        font-weight: 400;
      }
    }
  `,
);

customElements.define('eg-profiles-page', ProfilesPage);
