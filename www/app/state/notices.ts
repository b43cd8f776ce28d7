/** Lines over the page: what happened, with its code and what to do next. They stay until dismissed, confirmations go by themselves. */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import type { Warning } from '../../engine/protocol.ts';
import type { AppState, Notice } from './app-state.ts';
import type { Store } from './store.ts';

const CONFIRMATION_MS = 6000;
/** Codes that need no words: somebody gave up, or the answer is on its way already. */
const SILENT: ReadonlySet<string> = new Set([ClientCode.cancelled, ClientCode.closed, ClientCode.staleHandle]);
const RELOAD = { label: 'Reload the page', run: () => location.reload() };

/** The notices of a page. */
export class NoticeBoard {
  readonly #store: Store<AppState>;

  constructor(store: Store<AppState>) {
    this.#store = store;
  }

  /** Shows a line; one of the same id is replaced. */
  show(notice: Notice): void {
    this.#store.set({ notices: [...this.#without(notice.id), notice] });
    if (notice.kind !== 'info') return;
    setTimeout(() => {
      if (this.#store.state.notices.includes(notice)) this.dismiss(notice.id);
    }, CONFIRMATION_MS);
  }

  /** Takes a line away. */
  dismiss(id: string): void {
    this.#store.set({ notices: this.#without(id) });
  }

  /** Confirms what the person asked for. */
  confirm(text: string): void {
    this.show({ id: 'done', kind: 'info', text, code: null, action: null });
  }

  /** Says which stored data cannot be read, until it can be or is gone. */
  damaged(faults: readonly string[]): void {
    const [first] = faults;
    if (first === undefined) {
      this.dismiss('damaged');
      return;
    }
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    this.show({ id: 'damaged', kind: 'bad', text: `Stored profiles cannot be read: ${first}${more}.`, code: 'damaged-section', action: null });
  }

  /** Says what a saved file could not hold; nothing where it holds all. */
  exported(file: string, warnings: readonly Warning[]): void {
    const [first] = warnings;
    if (first === undefined) {
      this.dismiss('exported');
      return;
    }
    const times = first.count > 1 ? ` (${first.count.toLocaleString()} times)` : '';
    const more = warnings.length > 1 ? `; and ${warnings.length - 1} more` : '';
    this.show({ id: 'exported', kind: 'warn', text: `${file} is saved, but not all of the profile fits its format: ${first.message}${times}${more}.`, code: first.code, action: null });
  }

  /** Names of C++ are shown as they are stored. */
  unnamed(message: string): void {
    const text = `Names of C++ are shown as the compiler wrote them, because what reads them could not be loaded (${message}). It is tried again with the next query.`;
    this.show({ id: 'unnamed', kind: 'warn', text, code: 'demangler-missing', action: null });
  }

  /** Shows an error that belongs to no view. */
  report(thrown: unknown): void {
    const { code, message } = EngineError.of(thrown);
    if (!SILENT.has(code)) this.show({ id: `error:${code}`, kind: 'bad', text: `${message}.`, code, action: null });
  }

  /** The browser keeps nothing, or the person goes on without what is stored. */
  inMemory({ code, message }: EngineError): void {
    const text = `Profiles stay in memory and go with this tab: ${message}.`;
    this.show({ id: 'memory', kind: 'warn', text, code, action: null });
  }

  /** The engine crashed and is back. */
  restarted({ code, message }: EngineError): void {
    const kept =
      this.#store.state.status?.backend === 'memory'
        ? 'What it held in memory is gone: import it again.'
        : 'What was saved is intact, and the view was loaded again.';
    const text = `The engine crashed and was restarted. ${kept} It said: ${message}.`;
    this.show({ id: 'engine', kind: 'warn', text, code, action: null });
  }

  /** The engine is gone for good. */
  stopped({ code, message }: EngineError): void {
    this.show({ id: 'engine', kind: 'bad', text: `The engine stopped: ${message}.`, code, action: RELOAD });
  }

  /** Another tab upgraded the database: this one can neither read nor store any more. */
  takenOver({ code }: EngineError): void {
    const text = 'Another tab runs a newer version of this page and took over the stored data. This tab can read and store nothing more.';
    this.show({ id: 'taken-over', kind: 'bad', text, code, action: RELOAD });
  }

  #without(id: string): Notice[] {
    return this.#store.state.notices.filter((notice) => notice.id !== id);
  }
}
