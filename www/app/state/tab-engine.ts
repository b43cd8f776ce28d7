/** The engine of one tab: opened over what is stored, in memory where the browser keeps nothing, and replaced by another. */

import { EngineClient } from '../../engine/client.ts';
import type { ClientOptions } from '../../engine/client.ts';
import { compileEngine } from '../../engine/compile.ts';
import { ClientCode, EngineError } from '../../engine/errors.ts';
import { shardingFor } from '../../engine/shard-workers.ts';
import type { EngineStatus, Sharding, StoragePlace } from '../../engine/protocol.ts';
import type { AppState } from './app-state.ts';
import { HeldData } from './held.ts';
import type { NoticeBoard } from './notices.ts';
import { REPLICA_KEY, storeSharding, storedDemangle, storedSharding } from './preferences.ts';
import { storeReplica, storedReplica } from './replica.ts';
import type { Storage } from './storage.ts';
import type { Store } from './store.ts';

/** Name of the database. */
const DATABASE = 'emberglass';
/** The browser gives no storage at all; other codes mean that there may be data, which is not to be passed over. */
const NO_STORAGE = 'storage-error';
/** Another tab upgraded the database: this one can neither read nor store any more. */
const TAKEN_OVER = 'storage-closed';

/** Where an engine keeps its data. */
export type EngineBackend = 'indexeddb' | 'memory';

function sharding(on: boolean): Sharding | null {
  return on ? shardingFor(navigator.hardwareConcurrency) : null;
}

/** What the session lends. */
export interface TabEngineHost {
  store: Store<AppState>;
  notices: NoticeBoard;
  storage: Storage;
  /** There is another client, of which nothing was asked so far. */
  replaced: () => void;
  /** The data is open: learns what there is. */
  opened: () => Promise<void>;
  /** What there is can be shown. */
  ready: () => void;
  /** Something was stored. */
  committed: () => void;
  /** Names of a result are shown in another way; null for those of every result. */
  renamed: (epoch: number, handle: number | null) => void;
  /** The worker began anew: its handles are gone. */
  restarted: (error: EngineError) => void;
}

/** The engine of one tab. */
export class TabEngine {
  readonly #host: TabEngineHost;
  readonly #module: Promise<WebAssembly.Module>;
  readonly #held = new HeldData();
  #client: EngineClient;

  constructor(host: TabEngineHost) {
    this.#host = host;
    this.#module = compileEngine();
    this.#module.catch(() => undefined);
    this.#client = this.#connect('indexeddb');
  }

  /** The client of the engine that there is now. */
  get client(): EngineClient {
    return this.#client;
  }

  /** Follows what other tabs do. */
  follow(): void {
    const { store, notices } = this.#host;
    // Whichever tab writes must know where to.
    addEventListener('storage', ({ key }) => {
      if (key === REPLICA_KEY) void this.#reconnect();
    });
    // A tab that slept may have missed what other tabs told.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && store.state.boot === 'ready') {
        this.#client.call('refresh').catch((thrown: unknown) => notices.report(thrown));
      }
    });
  }

  /** Opens what is stored. */
  async start(): Promise<void> {
    await this.#begin(() => this.#open());
  }

  /** After a failed start: goes on without the stored data, which stays as it is. */
  async startInMemory(): Promise<void> {
    const why = this.#host.store.state.bootError ?? new EngineError(ClientCode.internal, 'the stored data was not opened');
    await this.#begin(() => this.#openInMemory(why));
  }

  /** Takes another engine in the place of the one so far, and `prepare`s the page before it starts. */
  async switchTo(backend: EngineBackend, prepare: () => void): Promise<void> {
    this.#use(backend);
    prepare();
    await this.#begin(() => (backend === 'memory' ? this.#client.start().then(() => undefined) : this.#open()));
  }

  /**
   * Keeps a second copy of the data at a place, or none. The place of a folder needs permission to write, which only the
   * page can ask for.
   */
  async setReplica(place: StoragePlace | null): Promise<void> {
    await storeReplica(place);
    await this.#reconnect();
  }

  /** Chooses whether large queries are merged by several workers. */
  async setSharding(on: boolean): Promise<void> {
    storeSharding(on);
    this.#host.store.set({ sharding: on });
    await this.#client.setSharding(sharding(on));
  }

  /** After a failed start, where a newer page wrote the data: saves it as it is. */
  async copyStored(): Promise<void> {
    await this.#host.storage.copy(this.#place('indexeddb'));
  }

  /** Opens the data anew, as it is to be kept now. */
  async #reconnect(): Promise<void> {
    if (this.#host.store.state.status?.backend === 'memory') return;
    this.#use('indexeddb');
    await this.start();
  }

  #use(backend: EngineBackend): void {
    this.#client.close();
    this.#client = this.#connect(backend);
    this.#host.replaced();
  }

  async #begin(open: () => Promise<void>): Promise<void> {
    const { store, opened, ready } = this.#host;
    store.set({ boot: 'starting', bootError: null });
    try {
      await open();
      await opened();
      store.set({ boot: 'ready' });
      ready();
    } catch (thrown) {
      store.set({ boot: 'failed', bootError: EngineError.of(thrown) });
    }
  }

  /** Opens the stored data; where the browser keeps none, works in memory and says so. */
  async #open(): Promise<void> {
    try {
      await this.#client.start();
    } catch (thrown) {
      const error = EngineError.of(thrown);
      if (error.code !== NO_STORAGE) throw error;
      await this.#openInMemory(error);
    }
  }

  async #openInMemory(why: EngineError): Promise<void> {
    const { store, notices, storage } = this.#host;
    this.#use('memory');
    await this.#client.start();
    notices.inMemory(why, () => void storage.export(null, 'profiles', store.state.status?.storedBytes ?? 0));
  }

  #place(backend: EngineBackend): ClientOptions {
    return { backend, name: DATABASE, module: this.#module };
  }

  #connect(backend: EngineBackend): EngineClient {
    const { store, notices, committed, renamed, restarted } = this.#host;
    const client = new EngineClient({
      ...this.#place(backend),
      demangle: storedDemangle(),
      shards: sharding(storedSharding()),
      ...(backend === 'memory' ? {} : { replica: storedReplica() }),
    });
    client.on('state', (status) => this.#told(status));
    client.on('phase', (phase) => store.set({ phase }));
    client.on('committed', () => committed());
    client.on('named', ({ handle, epoch }) => renamed(epoch, handle));
    client.on('unnamed', ({ message }) => notices.unnamed(message));
    client.on('restarted', ({ error }) => restarted(error));
    client.on('failed', ({ error }) => {
      // A failed start has the whole page to say so.
      if (store.state.boot === 'ready') notices.stopped(error);
    });
    client.on('refused', ({ error }) => {
      if (error.code === TAKEN_OVER) notices.takenOver(error);
    });
    return client;
  }

  #told(status: EngineStatus): void {
    const { store, notices, storage } = this.#host;
    store.set({ status });
    notices.storage(status, () => void storage.exportUnsaved());
    notices.gone(this.#held.told(status), () => this.#held.heard(status.backend));
  }
}
