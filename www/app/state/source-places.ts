/** Where the source is: folders and files of this machine, a template of addresses, rules for paths. All but files is kept for the next visit. */

import { EngineError } from '../../engine/errors.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import type { NoticeBoard } from './notices.ts';
import { places } from './places.ts';
import { PathIndex } from './source-paths.ts';
import type { Found, PathRule } from './source-paths.ts';
import { mayRead, treeOfFiles, treeOfFolder } from './source-trees.ts';
import type { SourceTree } from './source-trees.ts';
import { Store } from './store.ts';

const FOLDERS = 'source-folders';
const SETTINGS = 'source-settings';
/** Steps that can be taken back. */
const MOST_UNDO = 50;

/** What the person wrote down. */
export interface SourceSettings {
  rules: readonly PathRule[];
  /** Address of a line, with `{path}`, `{line}` and `{revision}`; empty for none. */
  template: string;
  /** Empty for the newest. */
  revision: string;
  /** The text is read from there too, where no file of this machine has it. */
  fetches: boolean;
}

/** One place of files. */
export interface SourcePlace {
  name: string;
  state: 'reading' | 'ready' | 'locked' | 'failed';
  /** Of a folder, which is remembered; files that were chosen are not. */
  handle: FileSystemDirectoryHandle | null;
  tree: SourceTree | null;
  files: number;
  /** Why it could not be read. */
  problem: string;
}

export interface PlacesState {
  places: readonly SourcePlace[];
  settings: SourceSettings;
  /** Settings before the last changes. */
  before: readonly SourceSettings[];
  /** What was kept is read. */
  isRestored: boolean;
}

const NONE: SourceSettings = { rules: [], template: '', revision: '', fetches: true };

/** The places of a page. */
export class SourcePlaces {
  readonly store = new Store<PlacesState>({ places: [], settings: NONE, before: [], isRestored: false });
  readonly #notices: NoticeBoard;
  readonly #reading = new Map<SourcePlace['name'], AbortController>();
  #index = new PathIndex([]);
  #trees: readonly SourceTree[] = [];

  constructor(notices: NoticeBoard) {
    this.#notices = notices;
  }

  /** Reads what was kept. Folders that may not be read any more stay locked until the person unlocks them. */
  async restore(): Promise<void> {
    try {
      const kept = await places.run<unknown>('readonly', (store) => store.get(SETTINGS));
      if (isSettings(kept)) this.store.set({ settings: { ...NONE, ...kept } });
      const folders = await places.run<unknown>('readonly', (store) => store.get(FOLDERS));
      for (const handle of Array.isArray(folders) ? folders : []) {
        if (!(handle instanceof FileSystemDirectoryHandle)) continue;
        if (await mayRead(handle, false)) void this.#walk(handle);
        else this.#put({ name: handle.name, state: 'locked', handle, tree: null, files: 0, problem: '' });
      }
    } catch (thrown) {
      // The page works without what was kept.
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#notices.report(new EngineError('source-places-lost', `The places of the source could not be read from the browser: ${why}`));
    }
    this.store.set({ isRestored: true });
  }

  /** Takes a folder, and remembers it. */
  async addFolder(handle: FileSystemDirectoryHandle): Promise<void> {
    await this.#walk(handle);
    await this.#keepFolders();
  }

  /** Takes files for as long as the page is open. */
  addFiles(files: readonly ImportFile[]): void {
    if (files.length === 0) return;
    const tree = treeOfFiles(files);
    this.#put({ name: tree.name, state: 'ready', handle: null, tree, files: tree.paths.length, problem: '' });
  }

  /** Asks the person for a folder that may not be read any more. */
  async unlock({ name, handle }: SourcePlace): Promise<void> {
    if (handle === null) return;
    if (await mayRead(handle, true)) await this.#walk(handle);
    else this.#notices.report(new EngineError('source-locked', `The browser does not let the page read ${name}`));
  }

  /** Forgets a place; a walk through it ends. */
  async remove({ name }: SourcePlace): Promise<void> {
    this.#reading.get(name)?.abort();
    this.#set(this.store.state.places.filter((each) => each.name !== name));
    await this.#keepFolders();
  }

  /** Reads a folder anew: files came or went. */
  async again({ handle }: SourcePlace): Promise<void> {
    if (handle !== null) await this.#walk(handle);
  }

  /** Changes settings; the step can be taken back. */
  change(patch: Partial<SourceSettings>): void {
    const { settings, before } = this.store.state;
    this.#keep({ ...settings, ...patch }, [...before, settings].slice(-MOST_UNDO));
  }

  /** Takes the last change of the settings back. */
  undo(): void {
    const { before } = this.store.state;
    const last = before.at(-1);
    if (last !== undefined) this.#keep(last, before.slice(0, -1));
  }

  /** Which file at hand a path of a profile means. */
  find(file: string): Found {
    return this.#index.find(file, this.store.state.settings.rules);
  }

  /** Reads a file at hand. */
  async read(path: string): Promise<File> {
    const tree = this.#trees.find(({ paths }) => paths.includes(path));
    if (tree === undefined) throw new EngineError('source-gone', `${path} is not at hand any more`);
    try {
      return await tree.read(path);
    } catch (thrown) {
      if (thrown instanceof EngineError) throw thrown;
      const { name } = thrown instanceof Error ? thrown : { name: '' };
      if (name === 'NotAllowedError') this.#lock(tree.name);
      throw new EngineError(name === 'NotAllowedError' ? 'source-locked' : 'source-gone', `${path} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }

  async #walk(handle: FileSystemDirectoryHandle): Promise<void> {
    const { name } = handle;
    this.#reading.get(name)?.abort();
    const abort = new AbortController();
    this.#reading.set(name, abort);
    const place: SourcePlace = { name, state: 'reading', handle, tree: null, files: 0, problem: '' };
    this.#put(place);
    try {
      const tree = await treeOfFolder(handle, abort.signal, (files) => this.#put({ ...place, files }));
      if (!abort.signal.aborted) this.#put({ ...place, state: 'ready', tree, files: tree.paths.length });
    } catch (thrown) {
      if (abort.signal.aborted) return;
      const isLocked = thrown instanceof Error && thrown.name === 'NotAllowedError';
      this.#put({ ...place, state: isLocked ? 'locked' : 'failed', problem: thrown instanceof Error ? thrown.message : String(thrown) });
    } finally {
      if (this.#reading.get(name) === abort) this.#reading.delete(name);
    }
  }

  #lock(name: string): void {
    this.#set(this.store.state.places.map((each) => (each.name === name && each.handle !== null ? { ...each, state: 'locked', tree: null } : each)));
  }

  /** Adds a place, or takes it in the place of the one of its name. */
  #put(place: SourcePlace): void {
    const { places: all } = this.store.state;
    this.#set(all.some(({ name }) => name === place.name) ? all.map((each) => (each.name === place.name ? place : each)) : [...all, place]);
  }

  #set(all: readonly SourcePlace[]): void {
    const trees = all.flatMap(({ tree }) => tree ?? []);
    if (trees.length !== this.#trees.length || trees.some((tree, at) => tree !== this.#trees[at])) {
      this.#trees = trees;
      this.#index = new PathIndex(trees.flatMap(({ paths }) => paths));
    }
    this.store.set({ places: all });
  }

  #keep(settings: SourceSettings, before: readonly SourceSettings[]): void {
    this.store.set({ settings, before });
    places.run('readwrite', (store) => store.put(settings, SETTINGS)).catch((thrown: unknown) => this.#notices.report(thrown));
  }

  async #keepFolders(): Promise<void> {
    const handles = this.store.state.places.flatMap(({ handle }) => handle ?? []);
    await places.run('readwrite', (store) => store.put(handles, FOLDERS));
  }
}

function isSettings(value: unknown): value is Partial<SourceSettings> {
  return typeof value === 'object' && value !== null && Array.isArray((value as SourceSettings).rules);
}
