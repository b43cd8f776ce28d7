/** Keeps the catalog in step with what is stored. */

import type { EngineClient } from '../../engine/client.ts';
import type { AppState } from './app-state.ts';
import type { NoticeBoard } from './notices.ts';
import type { Store } from './store.ts';

/** The catalog is read again at most this often while commits come in. */
const PAUSE_MS = 400;

/** What the session lends. */
export interface CatalogHost {
  store: Store<AppState>;
  client: () => EngineClient;
  notices: NoticeBoard;
  /** The catalog is another one. */
  changed: () => void;
  /** It is one after a commit: there may be something to show for the first time. */
  grown: () => void;
}

/** Reads the catalog. */
export class CatalogReader {
  readonly #host: CatalogHost;
  #reading: Promise<void> | null = null;
  #isStale = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: CatalogHost) {
    this.#host = host;
  }

  /** Reads it again; calls while it is being read share the next reading. */
  refresh(): Promise<void> {
    if (this.#reading !== null) {
      this.#isStale = true;
      return this.#reading;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Reads it soon: something was stored. */
  committed(): void {
    const { store, notices, grown } = this.#host;
    if (store.state.boot !== 'ready' || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.refresh().then(grown, (thrown: unknown) => notices.report(thrown));
    }, PAUSE_MS);
  }

  async #read(): Promise<void> {
    const { store, client, notices, changed } = this.#host;
    do {
      this.#isStale = false;
      const catalog = await client().call('catalog');
      store.set({ catalog });
      notices.damaged(catalog.damaged);
      changed();
    } while (this.#isStale);
  }
}
