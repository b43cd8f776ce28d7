/** What the source view shows: the files of the result with their costs, the lines of one of them, and its text where that is at hand. */

import { EngineError } from '../../engine/errors.ts';
import type { CallProgress, SourceFile, SourceLine } from '../../engine/protocol.ts';
import type { Answer, ShownResult } from './app-state.ts';
import { fetchFrom } from './fetch-from.ts';
import { addressBy, addressOf } from './source-hosts.ts';
import type { SourceAddress } from './source-hosts.ts';
import { cleanPath, ruleOf, ruled } from './source-paths.ts';
import { SourcePlaces } from './source-places.ts';
import { hotLines, readText, strayLines } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import type { Session } from './session.ts';
import { Store } from './store.ts';

/** The lines of one file. */
export interface FileLines {
  file: string;
  lines: readonly SourceLine[];
  byLine: ReadonlyMap<number, SourceLine>;
  /** Line numbers, the most expensive first. */
  hot: readonly number[];
  /** The largest self value and total. */
  mostSelf: bigint;
  mostTotal: bigint;
}

/** The text of the file that is shown. */
export type TextState =
  | { kind: 'none' }
  | { kind: 'reading'; from: string }
  /** Several files at hand may be meant: the person chooses. */
  | { kind: 'several'; paths: readonly string[] }
  /** `byName`: nothing but its name says that it is the one. */
  | { kind: 'text'; text: SourceText; from: string; byName: boolean; stray: { beyond: number; blank: number } }
  | { kind: 'failed'; from: string; error: EngineError };

export interface SourceViewState {
  files: Answer<readonly SourceFile[]>;
  lines: Answer<FileLines>;
  text: TextState;
  /** How far what was asked for is, in profiles, or where the person stopped it; null for what is quick or through. */
  reading: { done: number; total: number; stopped: boolean } | null;
}

const WAITING = { loading: true, value: null, error: null } as const;

async function answerOf<Value>(ask: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { loading: false, value: await ask(), error: null };
  } catch (thrown) {
    return { loading: false, value: null, error: EngineError.of(thrown) };
  }
}

function fileLines(file: string, lines: readonly SourceLine[]): FileLines {
  const most = (of: (line: SourceLine) => bigint): bigint => lines.reduce((found, line) => (of(line) > found ? of(line) : found), 0n);
  return { file, lines, byLine: new Map(lines.map((each) => [each.line, each])), hot: hotLines(lines), mostSelf: most(({ self }) => self), mostTotal: most(({ total }) => total) };
}

/** Keeps the source view in step with the result and the address. */
export class SourceState {
  readonly store = new Store<SourceViewState>({ files: WAITING, lines: WAITING, text: { kind: 'none' }, reading: null });
  readonly places: SourcePlaces;
  readonly #session: Session;
  #filesKey = '';
  #linesKey = '';
  #textKey: unknown[] = [];
  /** Gives up what is asked of the engine, and the reading of a text. */
  #asking: AbortController | null = null;
  #reading: AbortController | null = null;

  constructor(session: Session) {
    this.#session = session;
    this.places = new SourcePlaces(session.notices);
    this.places.store.subscribe(() => this.#updateText());
    void this.places.restore();
  }

  /** Asks for what is out of date; what nobody looks at any more is given up. */
  update(): void {
    const { result, view } = this.#session.store.state;
    const shown = result.value;
    // What there is of a query so far would be read anew for each part.
    if (shown === null || result.loading) return;
    const scope = `${shown.epoch} ${shown.result.handle}`;
    const linesKey = `${scope} ${view.file}`;
    const needsLines = view.file !== '' && linesKey !== this.#linesKey;
    if (scope !== this.#filesKey || needsLines) void this.#ask(scope, needsLines ? view.file : null, shown);
  }

  /** Stops what is under way, which then waits to be taken up again. */
  stop(): void {
    const { reading } = this.store.state;
    if (this.#asking === null || reading === null) return;
    this.#asking.abort();
    this.#asking = null;
    // What is still shown of another question would pass for this one's.
    const { files, lines } = this.store.state;
    this.store.set({ reading: { ...reading, stopped: true }, files: files.loading ? WAITING : files, lines: lines.loading ? WAITING : lines });
  }

  /** Gives up what is under way: the view is not shown any more. */
  leave(): void {
    if (this.#asking === null) return;
    this.#asking.abort();
    this.#asking = null;
    this.#filesKey = '';
    this.#linesKey = '';
    this.store.set({ reading: null });
  }

  /** Asks again after an error. */
  retry(): void {
    this.#filesKey = '';
    this.#linesKey = '';
    this.#textKey = [];
    this.update();
    this.#updateText();
  }

  /** Where a line can be read on the web. */
  address(file: string, line: number): SourceAddress | null {
    const { template, revision } = this.places.store.state.settings;
    return addressOf(file, line) ?? (template === '' ? null : addressBy(template, this.#inRepository(file), line, revision));
  }

  /** Takes one of several files that may be meant, by a rule for its neighbours. */
  choose(file: string, path: string): void {
    const rule = ruleOf(cleanPath(file), path);
    const { rules } = this.places.store.state.settings;
    this.places.change({ rules: [...rules.filter(({ from }) => from !== rule.from), rule] });
  }

  /** The path of a file in its repository: of a folder at hand what is inside of it, else what the rules say. */
  #inRepository(file: string): string {
    const found = this.places.find(file);
    if (found.kind === 'one' && found.path.includes('/')) return found.path.slice(found.path.indexOf('/') + 1);
    const path = cleanPath(file);
    return ruled(path, this.places.store.state.settings.rules) ?? path;
  }

  /** The lines of a file first, where one is shown: both need the result by line, which is made once. */
  async #ask(scope: string, file: string | null, { epoch, result: { handle } }: ShownResult): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.store.set({ reading: null });
    const { signal } = asking;
    const { client } = this.#session.engine;
    const onProgress = ({ done, total }: CallProgress): void => {
      if (!signal.aborted) this.store.set({ reading: { done, total, stopped: false } });
    };
    // One that was given up is still needed.
    const needsFiles = scope !== this.#filesKey || this.store.state.files.loading;
    this.#filesKey = scope;
    if (needsFiles) this.store.set({ files: { ...this.store.state.files, loading: true, error: null } });
    if (file !== null) {
      this.#linesKey = `${scope} ${file}`;
      const { value } = this.store.state.lines;
      this.store.set({ lines: { loading: true, value: value?.file === file ? value : null, error: null } });
      const lines = await answerOf(async () => fileLines(file, await client.follow({ signal, onProgress, epoch }, 'sourceLines', handle, file)));
      if (signal.aborted) return;
      this.store.set({ lines });
      this.#updateText();
    }
    if (needsFiles) {
      const files = await answerOf(() => client.follow({ signal, onProgress, epoch }, 'sourceFiles', handle));
      if (signal.aborted) return;
      this.store.set({ files });
    }
    this.#asking = null;
    this.store.set({ reading: null });
  }

  /** Reads the text anew if the file, the places or the settings changed. */
  #updateText(): void {
    const { value } = this.store.state.lines;
    const { places, settings } = this.places.store.state;
    if (value === null) return;
    const key = [value, settings, ...places.map(({ tree }) => tree)];
    if (key.length === this.#textKey.length && key.every((each, at) => each === this.#textKey[at])) return;
    this.#textKey = key;
    this.#reading?.abort();
    const abort = new AbortController();
    this.#reading = abort;
    void this.#readText(value, abort.signal);
  }

  async #readText({ file, lines }: FileLines, signal: AbortSignal): Promise<void> {
    const tell = (text: TextState): void => {
      if (!signal.aborted) this.store.set({ text });
    };
    const found = file === '' ? ({ kind: 'none' } as const) : this.places.find(file);
    if (found.kind === 'several') {
      tell({ kind: 'several', paths: found.paths });
      return;
    }
    const { settings } = this.places.store.state;
    const raw = found.kind === 'one' || !settings.fetches || settings.template === '' ? '' : (this.address(file, 1)?.raw ?? '');
    const from = found.kind === 'one' ? found.path : raw;
    if (from === '') {
      tell({ kind: 'none' });
      return;
    }
    const before = this.store.state.text;
    if (before.kind !== 'text' || before.from !== from) tell({ kind: 'reading', from });
    try {
      const blob = found.kind === 'one' ? await this.places.read(from) : (await fetchFrom(from, document.baseURI, signal)).blob;
      const text = await readText(blob, from);
      tell({ kind: 'text', text, from, byName: found.kind === 'one' && found.parts < 2 && !found.isRuled, stray: strayLines(text, lines) });
    } catch (thrown) {
      tell({ kind: 'failed', from, error: EngineError.of(thrown) });
    }
  }
}

const states = new WeakMap<Session, SourceState>();

/** The source view of a session: one, that stays while other views are shown. */
export function sourceState(session: Session): SourceState {
  const known = states.get(session);
  if (known !== undefined) return known;
  const state = new SourceState(session);
  states.set(session, state);
  return state;
}
