/** The report of the imports: a line a file with what became of it, newest import first; can be stopped and copied. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatBytes, formatCount, groupDigits } from '../../engine/format.ts';
import type { FileState, ImportJob, ImportLine } from '../../engine/import-job.ts';
import { adviceFor } from '../state/advice.ts';
import { interruptedReport } from '../state/import-log.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { fileLine } from './file-line.ts';
import { close } from './icons.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 44;

const WORDS: Readonly<Record<FileState, string>> = {
  queued: 'waiting',
  decoding: 'reading',
  storing: 'storing',
  unpacked: 'unpacked',
  saved: 'saved',
  duplicate: 'stored before',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Failures first, then what is under way, then the rest in its order. */
const ORDER: Readonly<Record<FileState, number>> = {
  failed: 0,
  decoding: 1,
  storing: 1,
  queued: 2,
  cancelled: 3,
  unpacked: 4,
  saved: 4,
  duplicate: 4,
  skipped: 5,
};

interface Row {
  job: ImportJob;
  line: ImportLine;
}

/** Rows of an import, grouped by `ORDER`; there may be a hundred thousand, and this runs with every change. */
function rowsOf(job: ImportJob): Row[] {
  const groups: Row[][] = [[], [], [], [], [], []];
  for (const line of job.lines) groups[ORDER[line.state]]?.push({ job, line });
  return groups.flat();
}

/** `<eg-import-panel>` */
export class ImportPanel extends AppView {
  static override properties = { ...AppView.properties, copied: { state: true } };

  declare copied: boolean;
  #rows: Row[] = [];
  readonly #list = new VirtualList(this, ROW);

  constructor() {
    super();
    this.copied = false;
  }

  protected override willUpdate(): void {
    this.#rows = [...this.state.imports].reverse().flatMap(rowsOf);
    this.#list.count = this.#rows.length;
  }

  protected override render(): TemplateResult {
    const { imports } = this.state;
    const running = imports.some((job) => job.running);
    return html`
      <div class="head">
        <h2>Imports</h2>
        <span class="grow muted number cut">${this.#heading()}</span>
        ${running ? html`<button @click=${() => this.session.imports.cancelAll()}>Cancel</button>` : nothing}
        <button @click=${this.#copy}>${this.copied ? 'Copied' : 'Copy report'}</button>
        <button class="bare square" aria-label="Close the import report" title="Close (Esc)" @click=${() => this.session.store.set({ panel: 'none' })}>${close}</button>
      </div>
      ${this.state.interrupted.map(
        (each) => html`<details class="interrupted">
          <summary>Import begun ${new Date(each.startedMs).toLocaleString()} did not end: ${groupDigits(each.stored.length)} of ${formatCount(each.stored.length + each.missing.length, 'file')} stored</summary>
          <p class="muted">Drop the same files again: only what is missing is added. <button class="link" @click=${() => void this.session.imports.forgetInterrupted()}>Forget it</button></p>
          <pre tabindex="0">${interruptedReport(each)}</pre>
        </details>`,
      )}
      <div class="scroll" tabindex="0" role="region" aria-label="Files">
        <div class="rows" role="list">${this.#list.items.map(({ index, start }) => this.#row(this.#rows[index], start))}</div>
      </div>
    `;
  }

  protected override firstUpdated(): void {
    this.#list.mount();
  }

  #heading(): string {
    const sums = this.state.imports.map((job) => job.summary());
    const sum = (pick: (each: (typeof sums)[number]) => number): number => sums.reduce((total, each) => total + pick(each), 0);
    const counts = (state: FileState): number => sum((each) => each.counts[state]);
    return [
      `${groupDigits(sum(({ done }) => done))} of ${formatCount(sum(({ files }) => files), 'file')}`,
      `${formatCount(sum(({ profiles }) => profiles), 'profile')} saved`,
      ...(['failed', 'duplicate', 'skipped', 'cancelled'] as const)
        .filter((state) => counts(state) > 0)
        .map((state) => `${groupDigits(counts(state))} ${WORDS[state]}`),
    ].join(' · ');
  }

  #row(row: Row | undefined, start: number): TemplateResult | typeof nothing {
    if (row === undefined) return nothing;
    const { job, line } = row;
    const { path, state, bytes, error } = line;
    const open = state === 'queued' || state === 'decoding';
    const advice = error === null || state !== 'failed' ? '' : adviceFor(error.code);
    return html`<div class="line ${state}" role="listitem" data-start=${start}>
      <div class="first">
        <span class="mono cut path" title=${path}><bdi>${path}</bdi></span>
        <span class="muted number">${formatBytes(bytes)}</span>
        <span class="word">${state === 'decoding' ? `${WORDS[state]} ${Math.round(line.progress * 100)} %` : WORDS[state]}</span>
      </div>
      <div class="second">
        ${this.#second(line, advice)}
        ${open ? html`<button class="link" @click=${() => job.cancel(line)}>Cancel</button>` : nothing}
      </div>
    </div>`;
  }

  /** The detail; of an error the message is cut where there is no room, and the code is not. */
  #second(line: ImportLine, advice: string): TemplateResult {
    const { error, pack, state } = line;
    const detail = this.#detail(line);
    const [text, reference] = error !== null && pack === null && state !== 'cancelled' ? [error.message, error.reference()] : [detail, ''];
    return html`<span class="detail grow" title=${[detail, advice].filter((each) => each !== '').join('\n')}><span class="cut">${text}</span> ${reference === '' ? nothing : html`<span class="reference">${reference}</span>`}</span>`;
  }

  #detail(line: ImportLine): string {
    const { error, receipt, pack, warnings, format, state } = line;
    const brought = pack === null ? '' : `${formatCount(pack.profiles, 'profile')} stored, ${groupDigits(pack.duplicates)} were before`;
    if (error !== null && state !== 'cancelled') return [error.describe(), brought].filter((text) => text !== '').join(' · ');
    if (pack !== null) return brought;
    if (receipt === null) return '';
    const undated = { file: '', modified: ', dated by the file’s change', imported: ', dated by the import' }[receipt.timeSource];
    const remarks = warnings.length === 0 ? '' : ` · ${warnings.map(({ message, code, count }) => `${message} (${code}${count > 1 ? ` × ${groupDigits(count)}` : ''})`).join('; ')}`;
    return `${format} · ${formatCount(receipt.profiles, 'profile')} of ${receipt.service}${undated}${remarks}`;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.session.imports.report());
      this.copied = true;
      setTimeout(() => (this.copied = false), 2000);
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }
}

adoptStyles(css`
  eg-import-panel {
    width: min(560px, 100vw);

    .head {
      padding-left: 12px;
    }

    .interrupted {
      flex: none;
      padding: 8px 12px;
      border-bottom: 1px solid var(--eg-line);
    }

    .interrupted p {
      margin: 4px 0;
    }

    .interrupted pre {
      max-height: 160px;
      margin: 0;
      overflow: auto;
      font: var(--eg-size-small) / 20px var(--eg-mono);
    }

    ${fileLine}

    .line {
      position: absolute;
      inset: 0 0 auto;
      height: 44px;
      padding: 3px 12px 0;
      border-bottom: 1px solid var(--eg-line);
      line-height: 18px;
    }

    .word {
      min-width: 84px;
      text-align: right;
      color: var(--eg-text-muted);
    }

    .failed .word,
    .failed .second {
      color: var(--eg-bad);
    }

    .saved .word {
      color: var(--eg-good);
    }

    .detail {
      display: flex;
    }

    .reference {
      flex: none;
      white-space: pre;
    }

    .reference::before {
      content: ' ';
    }

    .second .link {
      font-size: var(--eg-size-small);
      line-height: 18px;
    }
  }
`);

customElements.define('eg-import-panel', ImportPanel);
