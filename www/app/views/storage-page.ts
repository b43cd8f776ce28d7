/** The storage page, a drawer over the frame: what is stored and how safe it is, and what can be done about it. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatBytes, formatCount, formatPercent, groupDigits } from '../../engine/format.ts';
import type { BackendKind, EngineStatus, ReplicaStatus, StorageReport } from '../../engine/protocol.ts';
import { selectionOf } from '../state/queries.ts';
import { storedReplicaKind } from '../state/preferences.ts';
import { formatInstant, fromMs } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { directoryPicker } from './directory-picker.ts';
import { fileInputs } from './file-inputs.ts';
import { close } from './icons.ts';
import { pageStyles } from './page-styles.ts';
import { workLine } from './work-line.ts';

const PLACES: Readonly<Record<BackendKind, string>> = {
  indexeddb: 'this browser’s database',
  opfs: 'this browser’s private files',
  directory: 'a folder of this machine',
  memory: 'memory only: it goes with this tab',
};

const STATES: Readonly<Record<EngineStatus['state'], string>> = {
  saved: 'All is saved.',
  saving: 'Something is being stored.',
  degraded: 'Not all is as safe as it should be.',
  'read-only': 'This tab can store nothing.',
};

const COPIES: Readonly<Record<ReplicaStatus['state'], string>> = {
  'in-step': 'Both copies are equal.',
  behind: 'The second copy lacks something.',
  'primary-behind': 'The browser’s database lacks something that the second copy has.',
  parted: 'Each copy has something that the other lacks: choose which one to keep.',
};

const DAY_MS = 86_400_000;
const MIB = 1 << 20;

type Chosen = 'none' | 'opfs' | 'directory';

/** `<eg-storage-page>` */
export class StoragePage extends AppView {
  override connectedCallback(): void {
    super.connectedCallback();
    void this.session.storage.refresh();
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.storage.store.subscribe(() => this.requestUpdate())];
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult {
    return html`
      <div class="head">
        <h2 tabindex="-1">Storage</h2>
        <span class="grow"></span>
        <button class="bare square" aria-label="Close the storage page" title="Close (Esc)" @click=${this.#close}>${close}</button>
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="Storage">
        ${this.#stored()} ${this.#services()} ${this.#damaged()} ${this.#retention()} ${this.#move()} ${this.#replica()} ${this.#deletion()}
      </div>
      ${workLine(this.session.storage)}
    `;
  }

  #stored(): TemplateResult | typeof nothing {
    const { status, catalog } = this.state;
    if (status === null) return nothing;
    const { usage, quota, persisted } = this.session.storage.store.state.browser;
    const { report, work } = this.session.storage.store.state;
    const inBrowser = status.backend !== 'memory';
    return html`<section aria-labelledby="storage-stored">
      <h3 id="storage-stored">Stored</h3>
      <dl>
        <dt>State</dt>
        <dd class=${status.state === 'degraded' || status.state === 'read-only' ? 'bad' : 'good'}>${STATES[status.state]}</dd>
        <dt>Where</dt>
        <dd>${PLACES[status.backend]}</dd>
        <dt>Profiles</dt>
        <dd class="number">${groupDigits(catalog?.profiles ?? 0)}</dd>
        <dt>Size</dt>
        <dd class="number" title=${`${groupDigits(status.storedBytes)} bytes`}>${formatBytes(status.storedBytes)} in ${formatCount(status.blocks, 'block')}</dd>
        ${report === null ? nothing : this.#levels(report)}
        <dt>Browser’s limit</dt>
        <dd class="number">
          ${usage === null || quota === null
            ? 'the browser does not say'
            : html`${formatBytes(usage)} of ${formatBytes(quota)} used by this site <span class="number">(${formatPercent(BigInt(Math.round(usage)), BigInt(Math.max(1, Math.round(quota))))})</span>`}
        </dd>
        ${inBrowser
          ? html`<dt>When space runs out</dt>
              <dd>
                ${persisted === true
                  ? 'the browser keeps the profiles'
                  : html`<span class="warn">the browser may delete the profiles</span>
                      <button ?disabled=${work !== null} @click=${() => this.#do(() => this.session.storage.persist())}>Ask it to keep them</button>`}
              </dd>`
          : nothing}
      </dl>
      <div class="row">
        <button ?disabled=${work !== null || status.blocks === 0} @click=${() => this.#do(() => this.session.storage.compact())}>Compact now</button>
        <span class="muted">merges and deflates blocks; also happens by itself while nothing is written</span>
      </div>
      <div class="row">
        <button ?disabled=${work !== null || status.blocks === 0} @click=${() => this.#do(() => this.session.storage.verify())}>Verify now</button>
        <span class="muted">reads everything and compares checksums; once a day it happens by itself</span>
      </div>
    </section>`;
  }

  #levels({ levels, backlog, lastScrub, repaired }: StorageReport): TemplateResult {
    const { utc } = this.state;
    const level = ({ level, blocks, bytes }: StorageReport['levels'][number]): string =>
      `${level === 0 ? 'as written' : level === 1 ? 'merged once' : level === 2 ? 'merged twice' : 'sums only, for the most part'}: ${formatBytes(bytes)} in ${formatCount(blocks, 'block')}`;
    const checked =
      lastScrub === null
        ? 'never'
        : `${formatInstant(fromMs(lastScrub.atMs), utc)}: ${formatCount(lastScrub.sections, 'section')}, ${lastScrub.bad === 0 ? 'all intact' : `${groupDigits(lastScrub.bad)} damaged`}`;
    return html`<dt>Levels</dt>
      <dd class="number">${levels.length === 0 ? 'nothing is stored' : levels.map(level).join(' · ')}</dd>
      <dt>To be merged</dt>
      <dd class="number">${backlog.blocks === 0 ? 'nothing' : `${formatBytes(backlog.bytes)} in ${formatCount(backlog.blocks, 'block')}`}</dd>
      <dt>Verified</dt>
      <dd class="number">${checked}${repaired === 0 ? '' : ` · ${formatCount(repaired, 'section')} repaired since the page was opened`}</dd>`;
  }

  #services(): TemplateResult | typeof nothing {
    const { utc } = this.state;
    const { report } = this.session.storage.store.state;
    if (report === null || report.services.length === 0) return nothing;
    const services = [...report.services].sort((a, b) => b.bytes - a.bytes);
    return html`<section aria-labelledby="storage-services">
      <h3 id="storage-services">${formatCount(services.length, 'service')}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col" class="end" title="Of each block as large a share as its rows are of all">Size</th>
            <th scope="col" class="end">Profiles</th>
            <th scope="col" class="wide">First</th>
            <th scope="col" class="wide">Last</th>
          </tr>
        </thead>
        <tbody>
          ${services.map(
            ({ service, profiles, bytes, from, until }) => html`<tr>
              <th scope="row" class="cut" title=${service}>${service === '' ? '(none)' : service}</th>
              <td class="end number">${formatBytes(bytes)}</td>
              <td class="end number">${groupDigits(profiles)}</td>
              <td class="number wide">${formatInstant(from, utc)}</td>
              <td class="number wide">${formatInstant(until - 1n, utc)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }

  #damaged(): TemplateResult | typeof nothing {
    const { report, work } = this.session.storage.store.state;
    const quarantined = report?.quarantined ?? [];
    const known = quarantined.map(({ block, section, fault }) => `block ${block}, section ${section} is damaged: ${fault}`);
    const damaged = [...new Set([...known, ...(this.state.catalog?.damaged ?? [])])];
    if (damaged.length === 0) return nothing;
    const blocks = new Map(quarantined.map(({ block, profiles }) => [block, profiles]));
    const profiles = [...blocks.values()].reduce((sum, count) => sum + count, 0);
    return html`<section aria-labelledby="storage-damaged">
      <h3 id="storage-damaged" class="bad">${formatCount(damaged.length, 'section')} cannot be read</h3>
      <ul class="mono">
        ${damaged.map((words) => html`<li>${words}</li>`)}
      </ul>
      <p class="muted">What lies in them is in no answer. The rest can be exported; files imported once more are stored anew.</p>
      ${blocks.size === 0
        ? nothing
        : html`<div class="row">
            <button class="danger" ?disabled=${work !== null} @click=${() => this.#discard(blocks.size, profiles)}>Delete the damaged blocks…</button>
            <span class="muted">${formatCount(blocks.size, 'block')} with ${formatCount(profiles, 'profile')}</span>
          </div>`}
    </section>`;
  }

  #retention(): TemplateResult | typeof nothing {
    const { report, work } = this.session.storage.store.state;
    if (report === null) return nothing;
    const { all, evictWhenFull, services } = report.retention;
    const days = all.maxAgeMs === null ? '' : String(Math.round((all.maxAgeMs / DAY_MS) * 100) / 100);
    const sampleDays = all.maxSampleAgeMs === null ? '' : String(Math.round((all.maxSampleAgeMs / DAY_MS) * 100) / 100);
    const mebibytes = all.maxBytes === null ? '' : String(Math.round((all.maxBytes / MIB) * 100) / 100);
    const own = Object.keys(services).length;
    return html`<section aria-labelledby="storage-retention">
      <h3 id="storage-retention">Retention</h3>
      <form class="limits" @submit=${this.#limit}>
        <label>Days to keep <input name="days" type="number" min="0" step="any" placeholder="no limit" .value=${days} /></label>
        <label>Days to keep samples <input name="sample-days" type="number" min="0" step="any" placeholder="no limit" .value=${sampleDays} /></label>
        <label>MiB to keep <input name="mebibytes" type="number" min="0" step="any" placeholder="no limit" .value=${mebibytes} /></label>
        <label class="wide-label"><input name="evict" type="checkbox" .checked=${evictWhenFull} />When space runs out, the oldest make room for what is new</label>
        <button ?disabled=${work !== null}>Apply…</button>
      </form>
      <p class="muted">
        By when profiles started, the oldest first. Where samples go, their sums over steps of time stay, if there are any. Without limits nothing is ever deleted by
        itself.${own === 0 ? '' : ` ${formatCount(own, 'service')} with limits of their own keep them.`}
      </p>
    </section>`;
  }

  #move(): TemplateResult {
    const { work } = this.session.storage.store.state;
    const { catalog, view, status } = this.state;
    const empty = catalog === null || catalog.profiles === 0;
    return html`<section aria-labelledby="storage-move">
      <h3 id="storage-move">Move</h3>
      <div class="row">
        <button ?disabled=${work !== null || empty} @click=${() => this.#do(() => this.session.storage.export(null, 'profiles', status?.storedBytes ?? 0))}>Export everything</button>
        <button ?disabled=${work !== null || empty || view.service === ''} @click=${this.#exportShown}>Export what is selected</button>
        ${fileInputs(this.session, { words: ['Import files…', 'Import a folder…'], classes: ['', ''] })}
      </div>
      <p class="muted">
        One file that this page, on any machine, and the command line read. Imported again, or after an import that did not
        end, it adds only what is missing.
      </p>
    </section>`;
  }

  #replica(): TemplateResult | typeof nothing {
    const { status } = this.state;
    if (status === null || status.backend === 'memory') return nothing;
    const { replica } = status;
    const chosen: Chosen = storedReplicaKind() ?? 'none';
    const choice = (value: Chosen, words: string, disabled = false): TemplateResult =>
      html`<label><input type="radio" name="storage-replica" .checked=${chosen === value} ?disabled=${disabled} @change=${() => this.#choose(value)} />${words}</label>`;
    return html`<section aria-labelledby="storage-replica">
      <h3 id="storage-replica">Second copy</h3>
      <div class="choices" role="radiogroup" aria-labelledby="storage-replica">
        ${choice('none', 'None')} ${choice('opfs', 'In this browser’s private files')}
        ${choice('directory', 'In a folder of this machine…', directoryPicker() === null)}
      </div>
      ${replica === null
        ? html`<p class="muted">With a second copy, profiles count as saved when both have them, and damage is repaired from the other one.</p>`
        : html`<p class=${replica.state === 'in-step' ? 'good' : 'warn'}>${COPIES[replica.state]} ${replica.why}</p>`}
      ${replica === null || replica.state === 'in-step'
        ? nothing
        : html`<div class="row">
            ${replica.state === 'parted'
              ? html`<button @click=${() => this.#keep('primary')}>Keep the browser’s database</button>
                  <button @click=${() => this.#keep('replica')}>Keep the second copy</button>`
              : html`<button @click=${() => this.#do(() => this.session.engine.client.call('resync'))}>Make them equal now</button>`}
          </div>`}
    </section>`;
  }

  #deletion(): TemplateResult {
    const { catalog, view } = this.state;
    const empty = catalog === null || (catalog.services.length === 0 && catalog.damaged.length === 0);
    return html`<section aria-labelledby="storage-delete">
      <h3 id="storage-delete">Delete</h3>
      <div class="row">
        <button ?disabled=${empty || view.service === ''} @click=${() => this.session.store.set({ dialog: 'delete' })}>Delete profiles of this service…</button>
        <button class="danger" ?disabled=${empty} @click=${() => this.session.store.set({ dialog: 'delete-all' })}>Delete everything…</button>
      </div>
    </section>`;
  }

  /** Takes the limits of the form, once the person agreed to what that deletes. */
  #limit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const number = (name: string): number | null => {
      const value = Number(form.get(name));
      return Number.isFinite(value) && value > 0 ? value : null;
    };
    const [days, sampleDays, mebibytes] = [number('days'), number('sample-days'), number('mebibytes')];
    const { report } = this.session.storage.store.state;
    const age = (of: number | null): number | null => (of === null ? null : of * DAY_MS);
    const all = { maxAgeMs: age(days), maxSampleAgeMs: age(sampleDays), maxBytes: mebibytes === null ? null : Math.round(mebibytes * MIB) };
    const limits = [days === null ? null : `started more than ${days} days ago`, mebibytes === null ? null : `are the oldest beyond ${mebibytes} MiB`];
    const profiles = limits.filter((limit) => limit !== null).join(', or ');
    const gone = [
      profiles === '' ? null : `The profiles that ${profiles} are deleted from this machine`,
      sampleDays === null ? null : `The samples of those that started more than ${sampleDays} days ago are deleted where sums of them stay`,
    ];
    const what = gone.filter((each) => each !== null).join('. ');
    const policy = { all, services: report?.retention.services ?? {}, evictWhenFull: form.get('evict') !== null };
    if (what === '') this.#do(() => this.session.storage.retain(policy));
    else this.#ask('Limits', `${what}, now and whenever there are any.`, 'Apply', () => this.session.storage.retain(policy));
  }

  #discard(blocks: number, profiles: number): void {
    const text = `${formatCount(blocks, 'damaged block')} will be deleted, with all ${formatCount(profiles, 'profile')} in them, those that can still be read too.`;
    this.#ask('Delete damaged blocks', text, 'Delete', () => this.session.storage.discardDamaged());
  }

  #ask(title: string, text: string, action: string, run: () => Promise<void>): void {
    this.session.store.set({ dialog: 'question', question: { title, text, action, run } });
  }

  #exportShown(): void {
    this.#do(async () => {
      const { matchers, from, until } = selectionOf(this.state);
      const { status, view } = this.state;
      await this.session.storage.export({ profileType: '', matchers, from, until }, view.service, status?.storedBytes ?? 0);
    });
  }

  async #choose(chosen: Chosen): Promise<void> {
    try {
      if (chosen === 'none') await this.session.engine.setReplica(null);
      else if (chosen === 'opfs') await this.session.engine.setReplica({ backend: 'opfs' });
      else {
        const directory = await directoryPicker()?.({ mode: 'readwrite', id: 'emberglass' });
        if (directory !== undefined) await this.session.engine.setReplica({ backend: 'directory', directory });
      }
    } catch (thrown) {
      // Closing the picker is no fault.
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) this.session.notices.report(thrown);
    }
    this.requestUpdate();
  }

  #keep(which: 'primary' | 'replica'): void {
    this.#do(() => this.session.engine.client.call('keepCopy', which));
  }

  #do(action: () => Promise<unknown>): void {
    action().catch((thrown: unknown) => this.session.notices.report(thrown));
  }

  #close(): void {
    this.session.navigate({ page: '' }, 'push');
  }
}

adoptStyles(pageStyles);

customElements.define('eg-storage-page', StoragePage);
