/** Files that are only looked at: in an engine of their own that keeps them in memory, while what is stored waits. */

import { EngineError } from '../../engine/errors.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import type { AppState } from './app-state.ts';
import type { Imports } from './imports.ts';
import { fetchProfile, onLaunch, sharedFiles } from './incoming.ts';
import type { NoticeBoard } from './notices.ts';
import type { Store } from './store.ts';
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
    const files = this.#files;
    await this.putAway();
    if (this.#host.store.state.boot === 'ready') this.#host.imports.start(files);
  }

  /** Goes back to what is stored. */
  async putAway(): Promise<void> {
    const { store, imports, switchTo } = this.#host;
    if (!store.state.aside) return;
    imports.cancelAll();
    this.#files = [];
    await switchTo('indexeddb', () => {
      store.set({ aside: false, imports: [] });
      this.#showNothing();
    });
  }

  #showNothing(): void {
    const { panes, split } = this.#host.store.state.view;
    this.#host.navigate({ ...DEFAULT_VIEW, panes, split }, 'push');
  }
}
