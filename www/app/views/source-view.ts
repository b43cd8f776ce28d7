/** The source: its files by what they cost, and the lines of one of them beside the text. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatPercent, formatValue, groupDigits } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import type { EngineError } from '../../engine/errors.ts';
import { sourceState } from '../state/source-state.ts';
import type { FileLines, SourceState } from '../state/source-state.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { chevronDown, chevronLeft, chevronUp, flame, folder } from './icons.ts';
import { readingLine, stoppedLine } from './reading-line.ts';
import { skeleton } from './skeleton.ts';
import './source-files.ts';
import type { SourceFiles } from './source-files.ts';
import { takeDropped } from './source-inputs.ts';
import './source-lines.ts';
import type { SourceLines } from './source-lines.ts';
import './source-note.ts';
import './source-places.ts';
import { sourceViewStyles } from './source-view-styles.ts';

/** The address follows the keys when they rest. */
const ADDRESS_MS = 300;

/** `<eg-source>` */
export class SourceView extends AppView {
  static override properties = { ...AppView.properties, showsPlaces: { state: true }, isOver: { state: true } };

  declare showsPlaces: boolean;
  /** Files are dragged over it. */
  declare isOver: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Line that the keys are at. */
  #line = 0;
  /** The list of files takes the focus when it is drawn. */
  #focusesFiles = false;

  constructor() {
    super();
    this.showsPlaces = false;
    this.isOver = false;
    this.addEventListener('dragenter', (event) => this.#drag(event));
    this.addEventListener('dragover', (event) => this.#drag(event));
    this.addEventListener('dragleave', (event) => {
      if (!(event.relatedTarget instanceof Node && this.contains(event.relatedTarget))) this.isOver = false;
    });
    this.addEventListener('drop', (event) => this.#drop(event));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#source.leave();
  }

  protected override subscriptions(): (() => void)[] {
    const { store, places } = sourceState(this.session);
    return [...super.subscriptions(), store.subscribe(() => this.requestUpdate()), places.store.subscribe(() => this.requestUpdate())];
  }

  get #source(): SourceState {
    return sourceState(this.session);
  }

  get #lines(): SourceLines | null {
    return this.querySelector<SourceLines>('eg-source-lines');
  }

  protected override willUpdate(): void {
    this.#source.update();
  }

  protected override updated(): void {
    const files = this.querySelector<SourceFiles>('eg-source-files');
    if (!this.#focusesFiles || files === null) return;
    this.#focusesFiles = false;
    void files.updateComplete.then(() => files.focus());
  }

  protected override render(): TemplateResult {
    const { view } = this.state;
    return html`
      ${view.file === '' ? this.#filesBar() : this.#fileBar()} ${this.showsPlaces ? html`<eg-source-places .session=${this.session}></eg-source-places>` : nothing}
      ${this.#reading()} ${view.file === '' ? this.#files() : this.#file()} ${this.isOver ? html`<p class="dropping-source" role="status">Drop the source here: a folder, or files</p>` : nothing}
    `;
  }

  #placesButton(): TemplateResult {
    return html`<button class="bare" aria-expanded=${this.showsPlaces} aria-label="Where the source is" title="Where the source is: folders, repository, rules for paths" @click=${() => (this.showsPlaces = !this.showsPlaces)}>${folder}<span class="wide">Where the source is</span></button>`;
  }

  #filesBar(): TemplateResult {
    return html`<div class="source-bar"><h2>Files</h2><span class="grow"></span>${this.#placesButton()}</div>`;
  }

  #files(): TemplateResult | typeof nothing {
    const { files } = this.#source.store.state;
    const shown = this.state.result.value;
    if (files.error !== null) return this.#problem(files.error);
    if (files.value === null || shown === null) return this.#waiting();
    if (!files.value.some(({ file }) => file !== '')) {
      return html`<div class="state" role="status">
        <h2>No file is known</h2>
        <p>These profiles name functions without the files that they are in. Profiles with debug information (pprof of Go, perf with line numbers, JFR, Node) have them.</p>
        <div class="row"><button @click=${() => this.session.showGraph('icicle')}>Back to the whole graph</button></div>
      </div>`;
    }
    return html`<eg-source-files .files=${files.value} .result=${shown.result} @eg-file=${(event: CustomEvent<{ file: string }>) => this.session.navigate({ file: event.detail.file, line: 0 }, 'push')}></eg-source-files>`;
  }

  #waiting(): TemplateResult | typeof nothing {
    return this.#source.store.state.reading?.stopped === true ? nothing : skeleton(12);
  }

  #reading(): TemplateResult | typeof nothing {
    const { reading } = this.#source.store.state;
    if (reading === null) return nothing;
    const { done, total, stopped } = reading;
    const of = `${groupDigits(done)} of ${groupDigits(total)} profiles`;
    return stopped
      ? stoppedLine(`Stopped: ${of} were merged by line`, () => this.#source.retry())
      : readingLine({ label: 'Merging by line', words: `${of} merged by line`, done, total, stop: () => this.#source.stop() });
  }

  #fileBar(): TemplateResult {
    const { file } = this.state.view;
    const { lines, files } = this.#source.store.state;
    const hot = lines.value?.hot.length ?? 0;
    const cost = files.value?.find((each) => each.file === file);
    return html`<div class="source-bar">
      <button class="bare square" aria-label="All files" title="All files (Backspace)" @click=${this.#toFiles}>${chevronLeft}</button>
      <h2 class="mono cut path" title=${file}><bdi>${file}</bdi></h2>
      ${cost === undefined ? nothing : html`<span class="number muted wide" title="Self and total of the file">${this.#value(cost.self)} · ${this.#value(cost.total)}</span>`}
      <span class="grow"></span>
      <button class="bare square" ?disabled=${hot === 0} aria-label="Line that costs most" title="Line that costs most (h)" @click=${() => this.#lines?.hottest()}>${flame}</button>
      <button class="bare square" ?disabled=${hot === 0} aria-label="Previous line that costs" title="Previous line that costs (Shift+N)" @click=${() => this.#lines?.step(-1)}>${chevronUp}</button>
      <button class="bare square" ?disabled=${hot === 0} aria-label="Next line that costs" title="Next line that costs (n)" @click=${() => this.#lines?.step(1)}>${chevronDown}</button>
      <input type="text" class="go number" inputmode="numeric" aria-label="Go to line" placeholder="Line" title="Go to a line (g)" @keydown=${this.#goKey} />
      ${this.#placesButton()}
    </div>`;
  }

  #file(): TemplateResult | typeof nothing {
    const { lines, text } = this.#source.store.state;
    const shown = this.state.result.value;
    if (lines.error !== null) return this.#problem(lines.error);
    const { value } = lines;
    if (value === null || shown === null || value.file !== this.state.view.file) return this.#waiting();
    if (value.lines.length === 0) {
      return html`<div class="state" role="status">
          <h2>Nothing in this selection is of this file</h2>
          <p>Take a longer range or fewer filters, or choose another file.</p>
          <div class="row"><button class="primary" @click=${this.#toFiles}>All files</button></div>
        </div>`;
    }
    return html`<eg-source-note .session=${this.session} .file=${value.file} @eg-places=${() => (this.showsPlaces = true)}></eg-source-note>
      <eg-source-lines
        .lines=${value}
        .text=${text.kind === 'text' ? text.text : null}
        .line=${this.state.view.line}
        .result=${shown.result}
        @eg-shown=${(event: CustomEvent<{ line: number }>) => this.#shows(event.detail.line)}
        @eg-line=${(event: CustomEvent<{ line: number }>) => this.#went(event.detail.line)}
        @keydown=${this.#key}
      ></eg-source-lines>
      ${this.#detail(value)}`;
  }

  /** The line that the keys are at: its functions, and what can be done with it. */
  #detail(value: FileLines): TemplateResult {
    const line = this.#line;
    const cost = value.byLine.get(line);
    const address = this.#source.address(value.file, line);
    const place = line === 0 ? value.file : `${value.file}:${line}`;
    const short = place.slice(place.lastIndexOf('/') + 1);
    return html`<div class="detail">
      <button class="bare mono" title=${`Copy ${place} (c)`} @click=${() => this.#copy()}>${short}</button>
      ${address === null
        ? nothing
        : html`<a class="button" href=${address.page} target="_blank" rel="noopener noreferrer" title=${`${address.page} (o)`}>Open at ${address.host}</a>`}
      <div class="functions grow" role="group" aria-label="Functions of the line">
        ${cost === undefined
          ? html`<span class="muted">costs nothing</span>`
          : cost.functions.map(
              ({ function: name, self, total }) => html`<button class="bare mono" title=${`Search for ${name}. Self ${this.#exact(self)}, total ${this.#exact(total)}`} @click=${() => this.session.navigate({ search: name }, 'push')}>
                <span class="cut">${name}</span><span class="number muted">${this.#value(self)} · ${this.#value(total)}</span>
              </button>`,
            )}
      </div>
    </div>`;
  }

  #shows(line: number): void {
    this.#line = line;
    this.requestUpdate();
  }

  #went(line: number): void {
    clearTimeout(this.#timer);
    const { file } = this.state.view;
    this.#timer = setTimeout(() => {
      // Who has left the file is at no line of it.
      if (line > 0 && this.state.view.file === file) this.session.navigate({ line }, 'replace');
    }, ADDRESS_MS);
  }

  #toFiles(): void {
    this.session.navigate({ file: '', line: 0 }, 'push');
    this.#focusesFiles = true;
  }

  #copy(): Promise<void> {
    const { file } = this.state.view;
    const place = this.#line > 0 ? `${file}:${this.#line}` : file;
    return this.session.copy(place, place);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const address = this.#source.address(this.state.view.file, this.#line);
    const act = {
      g: () => this.querySelector<HTMLElement>('.go')?.focus(),
      c: () => this.#copy(),
      o: () => address !== null && open(address.page, '_blank', 'noopener,noreferrer'),
      Backspace: () => this.#toFiles(),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    void act();
  }

  #goKey(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if (event.key === 'Escape') this.#lines?.focus();
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    const line = Number(input.value);
    input.value = '';
    if (event.key === 'Escape' || !Number.isSafeInteger(line) || line < 1) return;
    this.#lines?.go(line);
    this.#lines?.focus();
  }

  #drag(event: DragEvent): void {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    // Here it is source; elsewhere on the page it is profiles.
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = 'copy';
    this.session.store.set({ dragging: false });
    this.isOver = true;
  }

  #drop(event: DragEvent): void {
    this.isOver = false;
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    event.stopPropagation();
    this.session.store.set({ dragging: false });
    this.#do(takeDropped(this.session, event.dataTransfer));
  }

  #problem(error: EngineError): TemplateResult {
    return html`<div class="state" role="alert">
      <h2>The source could not be listed</h2>
      <p>${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>
      <div class="row"><button class="primary" @click=${() => this.#source.retry()}>Try again</button></div>
    </div>`;
  }

  #value(value: bigint): string {
    const { unit = '', scale = 0 } = this.state.result.value?.result ?? {};
    return formatValue(value, unit, scale);
  }

  #exact(value: bigint): string {
    const { unit = '', scale = 0, total = 0n } = this.state.result.value?.result ?? {};
    return `${exactValue(value, unit, scale)}, ${formatPercent(value, total)}`;
  }

  #do(action: Promise<void>): void {
    action.catch((thrown: unknown) => this.session.notices.report(thrown));
  }
}

adoptStyles(sourceViewStyles);

customElements.define('eg-source', SourceView);
