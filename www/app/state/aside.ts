/** Files that are only looked at: in an engine of their own that keeps them in memory, while what is stored waits. */

import { EngineError } from '../../engine/errors.ts';
import { importFile } from '../../engine/import-files.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import type { LabelPair } from '../../engine/protocol.ts';
import type { AppState } from './app-state.ts';
import type { LinkedProfile } from './data-link.ts';
import type { Imports } from './imports.ts';
import { fetchProfile, onLaunch, sharedFiles } from './incoming.ts';
import type { NoticeBoard } from './notices.ts';
import type { Store } from './store.ts';
import { resolveTime, toMs } from './time.ts';
import { DEFAULT_VIEW } from './view.ts';
import type { View } from './view.ts';

/** What the session lends. */
export interface AsideHost {
  store: Store<AppState>;
  imports: Imports;
  notices: NoticeBoard;
  navigate: (patch: Partial<View>, mode: 'push' | 'replace') => void;
  /** Takes another engine in the place of the one so far, and `prepare`s the page before it starts. */
  switchTo: (backend: 'indexeddb' | 'memory', prepare: () => void) => Promise<void>;
}

/** Shows files without storing them. */
export class Aside {
  readonly #host: AsideHost;
  #files: ImportFile[] = [];
  /** Of the files of a link; others have those that imports give. */
  #labels: ((path: string) => LabelPair[]) | undefined;

  constructor(host: AsideHost) {
    this.#host = host;
  }

  /** Shows files without storing them, until `putAway`. */
  async open(files: readonly ImportFile[]): Promise<void> {
    const { store, imports, switchTo } = this.#host;
    if (files.length === 0) return;
    if (store.state.imports.some((job) => job.running)) throw new EngineError('busy', 'an import is under way: let it end, or cancel it');
    if (!store.state.aside) {
      await switchTo('memory', () => {
        store.set({ aside: true });
        this.#showNothing();
      });
    }
    this.#files.push(...files);
    imports.start(files);
  }

  /** Shows the profile that a link carries, as the link says, without storing it. */
  async openLinked(linked: LinkedProfile): Promise<void> {
    const { store, imports, switchTo } = this.#host;
    if (store.state.imports.some((job) => job.running)) throw new EngineError('busy', 'an import is under way: let it end, or cancel it');
    const { view, bytes } = linked;
    await switchTo('memory', () => store.set({ aside: true, linked, imports: [], view }));
    const file = new File([bytes], `${view.service.replaceAll('/', '-')}.pb.gz`, { lastModified: beginOf(linked.from) });
    this.#files = [importFile(file)];
    this.#labels = () => [['service_name', view.service]];
    imports.start(this.#files, this.#labels, true);
  }

  /** Goes back to what is stored, as a view shows it. */
  async leaveLink(view: View): Promise<void> {
    const { store, imports, switchTo } = this.#host;
    imports.cancelAll();
    this.#forget();
    await switchTo('indexeddb', () => store.set({ aside: false, linked: null, imports: [], view }));
  }

  #forget(): void {
    this.#files = [];
    this.#labels = undefined;
  }

  /** Shows profiles at addresses without storing them: whoever made a link does not decide what is kept here. */
  async openUrls(addresses: readonly string[]): Promise<void> {
    await this.open(await Promise.all(addresses.map((address) => fetchProfile(address))));
  }

  /** Stores what the system hands over, and looks at what the address names. */
  async takeIncoming(urls: readonly string[]): Promise<void> {
    const { store, imports, notices } = this.#host;
    if (store.state.boot !== 'ready') return;
    onLaunch(
      (files) => imports.start(files),
      (thrown) => notices.report(thrown),
    );
    try {
      imports.start(await sharedFiles());
      await this.openUrls(urls);
    } catch (thrown) {
      notices.report(thrown);
    }
  }

  /** Stores the files, and shows them among what is stored. */
  async keep(): Promise<void> {
    const [files, labels] = [this.#files, this.#labels];
    await this.putAway();
    if (this.#host.store.state.boot === 'ready') this.#host.imports.start(files, labels);
  }

  /** Goes back to what is stored. */
  async putAway(): Promise<void> {
    const { store, imports, switchTo } = this.#host;
    if (!store.state.aside) return;
    imports.cancelAll();
    this.#forget();
    await switchTo('indexeddb', () => {
      store.set({ aside: false, linked: null, imports: [] });
      this.#showNothing();
    });
  }

  #showNothing(): void {
    const { panes, split } = this.#host.store.state.view;
    this.#host.navigate({ ...DEFAULT_VIEW, panes, split }, 'push');
  }
}

/** When data of a link begins, ms since the epoch; now if it does not say so. */
function beginOf(from: string): number {
  try {
    const begin = resolveTime(from, { now: 0n, end: 0n });
    return begin === null ? Date.now() : toMs(begin);
  } catch {
    return Date.now();
  }
}
