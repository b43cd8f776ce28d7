/**
 * The files page, a drawer over the frame: every input that stored profiles come from, with what it is and what was noticed;
 * importing with labels, looking at files without storing them, exporting and deleting.
 */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { filesOfList } from '../../engine/import-files.ts';
import { EngineError } from '../../engine/errors.ts';
import { formatBytes, formatCount, groupDigits, shortType } from '../../engine/format.ts';
import type { Upload } from '../../engine/protocol.ts';
import { adviceFor } from '../state/advice.ts';
import { inTime, uploadsTsv, viewOfUpload } from '../state/files.ts';
import type { FileOrder } from '../state/files.ts';
import { formatLabels, parseLabels } from '../state/label-text.ts';
import { formatInstant, formatRange, fromMs } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { fileInputs } from './file-inputs.ts';
import { filesPageStyles } from './files-page-styles.ts';
import { close, file } from './icons.ts';
import { pageStyles } from './page-styles.ts';
import { VirtualList } from './virtual-list.ts';
import { workLine } from './work-line.ts';

const ROW = 44;

const ORDERS: readonly [FileOrder, string][] = [
  ['newest', 'Newest import'],
  ['name', 'Name'],
  ['bytes', 'Size'],
  ['profiles', 'Profiles'],
];

const DATED: Readonly<Record<Upload['timeSource'], string>> = {
  file: 'by the file itself',
  modified: 'by the file’s last change',
  imported: 'by the import',
};

/** `<eg-files-page>` */
export class FilesPage extends AppView {
  static override properties = { ...AppView.properties, labelError: { state: true }, preview: { state: true }, copied: { state: true } };

  declare labelError: EngineError | null;
  /** What the path template gives for a path. */
  declare preview: string;
  /** What was copied last, for a moment. */
  declare copied: '' | 'list' | 'report';
  readonly #list = new VirtualList(this, ROW);
  #rows: Upload[] = [];
  #generation = -1;

  constructor() {
    super();
    this.labelError = null;
    this.preview = '';
    this.copied = '';
  }

  protected override subscriptions(): (() => void)[] {
    const { files, storage } = this.session;
    return [...super.subscriptions(), files.store.subscribe(() => this.requestUpdate()), storage.store.subscribe(() => this.requestUpdate())];
  }

  protected override willUpdate(): void {
    const generation = this.state.catalog?.generation ?? -1;
    if (generation !== this.#generation) {
      this.#generation = generation;
      void this.session.files.refresh();
    }
    this.#rows = this.session.files.listed();
    this.#list.count = this.#rows.length;
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override updated(): void {
    if (this.#rows.length > 0) this.#list.mount();
  }

  protected override render(): TemplateResult {
    const { uploads } = this.session.files.store.state;
    return html`
      <div class="head">
        <h2 tabindex="-1">Files</h2>
        <span class="grow muted number cut">${uploads.value === null ? '' : this.#heading(uploads.value)}</span>
        <button class="bare square" aria-label="Close the files page" title="Close (Esc)" @click=${() => this.session.navigate({ page: '' }, 'push')}>${close}</button>
      </div>
      ${this.#import()} ${this.#body()} ${this.#details()} ${workLine(this.session.storage)}
    `;
  }

  #heading(uploads: readonly Upload[]): string {
    const sum = (pick: (each: Upload) => number): number => uploads.reduce((total, each) => total + pick(each), 0);
    const warned = uploads.filter(({ warnings }) => warnings.length > 0).length;
    return [
      formatCount(uploads.length, 'file'),
      formatBytes(sum(({ bytes }) => bytes)),
      formatCount(sum(({ profiles }) => profiles), 'profile'),
      ...(warned === 0 ? [] : [`${groupDigits(warned)} with warnings`]),
    ].join(' · ');
  }

  #import(): TemplateResult {
    const { pathTemplate, labels } = this.session.imports.labelling;
    const { imports, aside } = this.state;
    const running = imports.some((job) => job.running);
    return html`<section aria-label="Import">
      <div class="row">
        ${fileInputs(this.session, { words: [aside ? 'Add files…' : 'Import files…', aside ? 'Add a folder…' : 'Import a folder…'], classes: ['primary', ''] })}
        ${aside
          ? nothing
          : html`<label class="button ${running ? 'off' : ''}" title="Shows files from memory; what is stored stays as it is"
              >${file}<span>Look at files without storing them…</span><input type="file" multiple ?disabled=${running} @change=${this.#lookAt}
            /></label>`}
        ${imports.length === 0
          ? nothing
          : html`<button @click=${() => this.session.store.set({ panel: 'imports' })}>Import report</button>
              <button @click=${this.#copyReport}>${this.copied === 'report' ? 'Copied' : 'Copy the report'}</button>`}
      </div>
      <form class="row" @submit=${this.#openUrl}>
        <input type="text" name="url" class="mono grow" inputmode="url" placeholder="https://…" aria-label="Address of a profile to look at" autocomplete="off" autocapitalize="off" spellcheck="false" />
        <button ?disabled=${running}>Look at this address</button>
      </form>
      <details ?open=${pathTemplate !== null || labels.length > 0}>
        <summary>Labels for what is imported next</summary>
        <form class="labelling" @submit=${(event: Event) => event.preventDefault()}>
          <label
            >From folders of the path
            <input type="text" name="template" class="mono" placeholder="{service_name}/{region}/" autocomplete="off" autocapitalize="off" spellcheck="false" .value=${pathTemplate ?? ''} @change=${this.#setLabelling}
          /></label>
          <label
            >For every file
            <input type="text" name="labels" class="mono" placeholder="region=eu, team=core" autocomplete="off" autocapitalize="off" spellcheck="false" .value=${formatLabels(labels)} @change=${this.#setLabelling}
          /></label>
          ${this.labelError === null
            ? html`<p class="muted">${this.preview === '' ? 'A name in braces takes one folder of the path as the value of that label; {} skips one. Labels given here win over those of the file.' : this.preview}</p>`
            : html`<p class="bad" role="alert">${this.labelError.message} <code>${this.labelError.code}</code></p>`}
        </form>
      </details>
    </section>`;
  }

  #body(): TemplateResult {
    const { uploads, filter, order, chosen } = this.session.files.store.state;
    if (uploads.error !== null) {
      const { error } = uploads;
      return html`<div class="state" role="alert">
        <h2>The list could not be read</h2>
        <p>${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>
        <div class="row"><button class="primary" @click=${() => void this.session.files.refresh()}>Try again</button></div>
      </div>`;
    }
    if (uploads.value === null) return html`<div class="grow" aria-busy="true"></div>`;
    if (uploads.value.length === 0) {
      return html`<div class="state">
        <h2>No files yet</h2>
        <p>Import files or a folder, or drop them anywhere on the page. What they hold is listed here.</p>
      </div>`;
    }
    const all = this.#rows.length > 0 && this.#rows.every(({ id }) => chosen.has(id));
    return html`
      <div class="tools">
        <input type="checkbox" aria-label="Choose all that are listed" .checked=${all} .indeterminate=${!all && chosen.size > 0} @change=${(event: Event) => this.session.files.chooseListed((event.target as HTMLInputElement).checked)} />
        <input type="search" class="grow" placeholder="Filter by name, format, label, type, warning" aria-label="Filter the files" autocomplete="off" spellcheck="false" .value=${filter} @input=${(event: Event) => this.session.files.store.set({ filter: (event.target as HTMLInputElement).value })} />
        <select aria-label="Order" @change=${(event: Event) => this.session.files.store.set({ order: (event.target as HTMLSelectElement).value as FileOrder })}>
          ${ORDERS.map(([value, words]) => html`<option value=${value} ?selected=${value === order}>${words}</option>`)}
        </select>
      </div>
      ${chosen.size === 0 ? nothing : this.#actions()}
      <div class="scroll" tabindex="0" role="region" aria-label="Files">
        <div class="rows" role="list">${this.#list.items.map(({ index, start }) => this.#row(this.#rows[index], start))}</div>
        ${this.#rows.length === 0 ? html`<p class="muted none">Nothing matches the filter.</p>` : nothing}
      </div>
    `;
  }

  #actions(): TemplateResult {
    const { work } = this.session.storage.store.state;
    const chosen = this.session.files.chosen();
    const [first, second] = chosen;
    const profiles = chosen.reduce((sum, upload) => sum + upload.profiles, 0);
    return html`<div class="row chosen" role="status">
      <span class="grow number">${formatCount(chosen.length, 'file')} chosen, ${formatCount(profiles, 'profile')}</span>
      ${first === undefined || second === undefined || chosen.length > 2
        ? nothing
        : html`<button title="Compares the earlier file with the later one" @click=${() => this.#do(async () => this.#compare(inTime(first, second)))}>Compare the two</button>`}
      <button @click=${this.#copyList}>${this.copied === 'list' ? 'Copied' : 'Copy as table'}</button>
      <button ?disabled=${work !== null} @click=${() => this.#do(() => this.#export(chosen))}>Export</button>
      <button class="danger" ?disabled=${work !== null} @click=${() => this.#delete(chosen)}>Delete…</button>
    </div>`;
  }

  #row(upload: Upload | undefined, start: number): TemplateResult | typeof nothing {
    if (upload === undefined) return nothing;
    const { chosen, open } = this.session.files.store.state;
    const { id, name, format, bytes, profiles, labels, warnings, from, until } = upload;
    const line = [formatLabels(labels), formatRange(from, until - 1n, this.state.utc)].filter((text) => text !== '').join(' · ');
    return html`<div class="line ${id === open ? 'open' : ''}" role="listitem" data-start=${start}>
      <input type="checkbox" aria-label=${`Choose ${name}`} .checked=${chosen.has(id)} @change=${(event: Event) => this.session.files.choose(id, (event.target as HTMLInputElement).checked)} />
      <button class="bare what" aria-expanded=${id === open} @click=${() => this.session.files.store.set({ open: id === open ? null : id })}>
        <span class="first">
          <span class="mono cut path" title=${name}><bdi>${name}</bdi></span>
          <span class="muted">${format}</span>
          <span class="number count" title=${`${groupDigits(bytes)} bytes`}>${formatBytes(bytes)}</span>
          <span class="number count">${formatCount(profiles, 'profile')}</span>
        </span>
        <span class="second">
          <span class="cut grow" title=${line}>${line}</span>
          ${warnings.length === 0 ? nothing : html`<span class="warn">${formatCount(warnings.length, 'warning')}</span>`}
        </span>
      </button>
    </div>`;
  }

  /** All that is known of the one that is open. */
  #details(): TemplateResult | typeof nothing {
    const { uploads, open } = this.session.files.store.state;
    const upload = uploads.value?.find(({ id }) => id === open);
    if (upload === undefined) return nothing;
    const { utc } = this.state;
    const { name, format, labels, varying, types, warnings, importedMs, from, until, timeSource } = upload;
    return html`<section class="details" aria-label=${`Details of ${name}`} tabindex="0">
      <div class="row">
        <h3 class="mono cut grow" title=${name}>${name}</h3>
        <button class="primary" @click=${() => this.#show(upload)}>Show its profiles</button>
        <button ?disabled=${this.state.view.service === ''} title="Compares what is selected with this file" @click=${() => this.session.bases.upload(upload)}>Compare with it</button>
        <button @click=${() => this.#do(() => this.#export([upload]))}>Export</button>
        <button @click=${() => this.#delete([upload])}>Delete…</button>
      </div>
      <dl>
        <dt>Format</dt>
        <dd>${format}</dd>
        <dt>Profile types</dt>
        <dd class="mono">${types.map(shortType).join(', ')}</dd>
        <dt>Labels</dt>
        <dd class="mono">${formatLabels(labels)}${varying.length === 0 ? '' : `${labels.length === 0 ? '' : '; '}differing: ${varying.join(', ')}`}</dd>
        <dt>Profiles from</dt>
        <dd class="number">${formatRange(from, until - 1n, utc)}, dated ${DATED[timeSource]}</dd>
        <dt>Imported</dt>
        <dd class="number">${formatInstant(fromMs(importedMs), utc)}</dd>
        <dt>Warnings</dt>
        <dd>
          ${warnings.length === 0
            ? 'none'
            : html`<ul>
                ${warnings.map(({ code, message, offset, count }) => html`<li>${message} <code>${code}</code>${count > 1 ? ` × ${groupDigits(count)}` : ''}${offset === null ? '' : `, first at byte ${groupDigits(offset)}`}</li>`)}
              </ul>`}
        </dd>
      </dl>
    </section>`;
  }

  /** Shows all that came of one upload, as far as its labels and its times tell it from others. */
  #show(upload: Upload): void {
    const view = viewOfUpload(this.state.catalog, upload);
    if (view !== null) this.session.navigate({ ...view, zoom: [], search: '', page: '' }, 'push');
  }

  #compare([base, head]: readonly [Upload, Upload]): void {
    if (this.session.bases.uploads(base, head)) return;
    throw new EngineError('no-common-type', 'these two files have no profile type in common');
  }

  async #export(uploads: readonly Upload[]): Promise<void> {
    const [first] = uploads;
    if (first === undefined) return;
    const { status } = this.state;
    const name = uploads.length === 1 ? (first.name.split('/').at(-1) ?? first.name) : 'profiles';
    const selection = { profileType: '', matchers: '{}', from: null, until: null, uploads: uploads.map(({ id }) => id) };
    await this.session.storage.export(selection, name, status?.storedBytes ?? 0);
  }

  #delete(uploads: readonly Upload[]): void {
    const profiles = uploads.reduce((sum, upload) => sum + upload.profiles, 0);
    const what = uploads.length === 1 ? uploads[0]?.name : formatCount(uploads.length, 'file');
    const text = `The ${formatCount(profiles, 'profile')} of ${what} will be deleted from this machine.`;
    const run = (): Promise<void> => this.session.deletion.uploads(uploads);
    this.session.store.set({ dialog: 'question', question: { title: 'Delete files', text, action: 'Delete', run } });
  }

  #lookAt(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = filesOfList(input.files ?? []);
    input.value = '';
    this.#do(async () => this.session.aside.open(await files));
  }

  #openUrl(event: SubmitEvent): void {
    event.preventDefault();
    const field = (event.target as HTMLFormElement).elements.namedItem('url') as HTMLInputElement;
    const address = field.value.trim();
    if (address !== '') this.#do(() => this.session.aside.openUrls([address]));
  }

  /** Takes the labels for what is imported next, if they can be read, and shows what the template gives. */
  async #setLabelling(event: Event): Promise<void> {
    const fields = (event.target as HTMLInputElement).form?.elements;
    const text = (name: string): string => (fields?.namedItem(name) as HTMLInputElement).value.trim();
    const template = text('template');
    try {
      const labels = parseLabels(text('labels'));
      const path = this.#rows.find(({ name }) => name.includes('/'))?.name ?? 'folder/subfolder/file.pb.gz';
      const taken = template === '' ? [] : await this.session.engine.client.call('labelsFromPath', template, path);
      this.session.imports.labelling = { pathTemplate: template === '' ? null : template, labels };
      this.preview = template === '' ? '' : `${path} gets ${taken.length === 0 ? 'no label from its path' : formatLabels(taken)}.`;
      this.labelError = null;
    } catch (thrown) {
      this.labelError = EngineError.of(thrown);
    }
  }

  #copyList(): void {
    this.#copy('list', uploadsTsv(this.session.files.chosen()));
  }

  #copyReport(): void {
    this.#copy('report', this.session.imports.report());
  }

  #copy(what: 'list' | 'report', text: string): void {
    this.#do(async () => {
      await navigator.clipboard.writeText(text);
      this.copied = what;
      setTimeout(() => (this.copied = ''), 2000);
    });
  }

  #do(action: () => Promise<unknown>): void {
    action().catch((thrown: unknown) => this.session.notices.report(thrown));
  }
}

adoptStyles(pageStyles, filesPageStyles);

customElements.define('eg-files-page', FilesPage);
