/** Lines over the page: what happened, with its code and what to do next. They stay until dismissed, confirmations go by themselves. */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import { formatBytes, formatCount } from '../../engine/format.ts';
import type { EngineStatus, Missing, QueryResult, Warning } from '../../engine/protocol.ts';
import { adviceFor, hasAdvice } from './advice.ts';
import type { AppState, Notice } from './app-state.ts';
import type { Interrupted } from './import-log.ts';
import type { Store } from './store.ts';
import type { Gone } from './held.ts';
import { formatInstant, formatRange } from './time.ts';

const CONFIRMATION_MS = 6000;
/** Codes that need no words: somebody gave up, or the answer is on its way already. */
const SILENT: ReadonlySet<string> = new Set([ClientCode.cancelled, ClientCode.closed, ClientCode.staleHandle]);
const RELOAD = { label: 'Reload the page', run: () => location.reload() };

/** What an answer lacks. */
export function missingWords({ atMost, profiles }: Missing): string {
  return `The numbers lack ${atMost ? 'up to ' : ''}${formatCount(profiles, 'profile')} of this selection that cannot be read. The storage page says more.`;
}

/** Of what an answer is, where that is more than was asked for. */
export function widenedWords({ from, until }: NonNullable<QueryResult['widened']>, utc: boolean): string {
  return `Of these profiles only sums over steps of time are left: the graph and the table are of ${formatRange(from, until, utc)}.`;
}

/** The notices of a page. */
export class NoticeBoard {
  readonly #store: Store<AppState>;
  /** Texts of the lines that go by themselves. */
  readonly #kept = new Map<string, string>();

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

  /** The person takes a line away. */
  dismissedByPerson(id: string): void {
    this.#store.state.notices.find((notice) => notice.id === id)?.dismissed?.();
    this.dismiss(id);
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

  /** An import died with its tab: how much of it landed, and what to do. */
  interrupted(imports: readonly Interrupted[]): void {
    const [first] = imports;
    if (first === undefined) return;
    const { stored, missing, startedMs } = first;
    const text = `The import begun at ${timeOfDay(startedMs)} did not end: of ${formatCount(stored.length + missing.length, 'file')} ${stored.length.toLocaleString()} are stored and ${missing.length.toLocaleString()} are not. Drop the same files again: only what is missing is added.`;
    const action = { label: 'Show which', run: () => this.#store.set({ panel: 'imports' }) };
    this.show({ id: 'interrupted', kind: 'warn', text, code: 'import-interrupted', action });
  }

  /** A new version of the page is there. */
  updated(run: () => void): void {
    this.show({ id: 'updated', kind: 'warn', text: 'A new version of this page is there.', code: null, action: { label: 'Reload to use it', run } });
  }

  /** Names of C++ are shown as they are stored. */
  unnamed(message: string): void {
    const text = `Names of C++ are shown as the compiler wrote them, because what reads them could not be loaded (${message}). It is tried again with the next query.`;
    this.show({ id: 'unnamed', kind: 'warn', text, code: 'demangler-missing', action: null });
  }

  /** Says what an answer lacks, until one lacks nothing. */
  missing(of: Missing | null): void {
    if (of === null) {
      this.dismiss('missing');
      return;
    }
    this.show({ id: 'missing', kind: 'warn', text: missingWords(of), code: 'damaged-section', action: null });
  }

  /** Says that an answer is of a wider range than was asked for, until one is not. */
  widened(of: QueryResult['widened']): void {
    if (of === null) {
      this.dismiss('widened');
      return;
    }
    this.show({ id: 'widened', kind: 'info', text: widenedWords(of, this.#store.state.utc), code: null, action: null });
  }

  /** Shows an error that belongs to no view. */
  report(thrown: unknown): void {
    const { code, message } = EngineError.of(thrown);
    if (SILENT.has(code)) return;
    const advice = hasAdvice(code) ? ` ${adviceFor(code)}` : '';
    this.show({ id: `error:${code}`, kind: 'bad', text: `${message}.${advice}`, code, action: null });
  }

  /** The browser keeps nothing, or the person goes on without what is stored. */
  inMemory({ code, message }: EngineError, save: () => void): void {
    const text = `Profiles stay in memory and go with this tab: ${message}.`;
    this.show({ id: 'memory', kind: 'warn', text, code, action: { label: 'Save a copy', run: save } });
  }

  /** Says what is in memory only, which copy lacks something, and that a newer page took over; until that is over. */
  storage({ unsaved, replica, role, connection }: EngineStatus, saveUnsaved: () => void): void {
    if (unsaved === null || unsaved.inputs === 0) this.#end('unsaved');
    else {
      const { inputs, bytes, why, code, sinceMs } = unsaved;
      const what = `${formatCount(inputs, 'file')} (${formatBytes(bytes)})`;
      const text = `Not saved: ${what} in memory since ${timeOfDay(sinceMs)}, because ${why}. It is tried again until it works: keep this tab open, or save a copy.`;
      this.#keep({ id: 'unsaved', kind: 'bad', text, code, action: { label: 'Save a copy', run: saveUnsaved } });
    }
    if (replica === null || replica.state === 'in-step') this.#end('replica');
    else {
      const { state, why, sinceMs } = replica;
      const which = state === 'primary-behind' ? 'the browser\u2019s database' : 'the second copy';
      const text =
        state === 'parted'
          ? `The two copies of the data differ: ${why}. Choose on the storage page which one to keep.`
          : `Profiles are kept once only since ${timeOfDay(sinceMs)}: ${which} lacks some. ${capital(why)}.`;
      this.#keep({ id: 'replica', kind: 'warn', text, code: null, action: null });
    }
    if (role === 'superseded' || connection === 'refused') {
      this.takenOver(new EngineError('storage-closed', 'another tab runs a newer version of this page'));
    }
  }

  /** Says that stored data is gone, until the person has heard it. */
  gone(gone: Gone | null, dismissed: () => void): void {
    if (gone === null) {
      this.#end('gone');
      return;
    }
    const { bytes, seenMs, why, restored } = gone;
    const said = why === null ? '' : ` It says: ${why.replace(/\.$/, '')}.`;
    if (restored) {
      const text = `The browser could not read its database and made an empty one.${said} All of it was brought back from the second copy.`;
      this.#keep({ id: 'gone', kind: 'warn', text, code: null, action: null, dismissed });
      return;
    }
    const what = bytes === null || seenMs === null ? 'what was stored' : `the ${formatBytes(bytes)} that were stored here (seen last on ${formatInstant(BigInt(seenMs) * 1_000_000n, this.#store.state.utc)})`;
    const text = `The browser gave an empty database in place of ${what}.${said}`;
    this.#keep({ id: 'gone', kind: 'bad', text, code: 'storage-dropped', action: null, dismissed });
  }

  /** Shows a line unless the same is shown, or was dismissed as it is. */
  #keep(notice: Notice): void {
    if (this.#kept.get(notice.id) === notice.text) return;
    this.#kept.set(notice.id, notice.text);
    this.show(notice);
  }

  #end(id: string): void {
    if (this.#kept.delete(id)) this.dismiss(id);
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

/** Local time of day, for what began today. */
function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
