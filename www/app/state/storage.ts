/** What the storage page does: exports, imports, merging, and what the browser says of the storage it gives. */

import { copyStorage, exportPack, PACK_EXTENSION } from '../../engine/pack-transfer.ts';
import { ClientCode, EngineError } from '../../engine/errors.ts';
import { formatBytes, formatCount } from '../../engine/format.ts';
import type { ClientOptions, EngineClient } from '../../engine/client.ts';
import type { RetentionPolicy, StorageReport, StoredSelection } from '../../engine/protocol.ts';
import type { NoticeBoard } from './notices.ts';
import { saveFile } from './save-file.ts';
import { Store } from './store.ts';

/** Pieces of an export are handed to the browser in parts of this size: it may keep them on disk. */
const PART_BYTES = 16 << 20;

/** What the browser gives; fields are null where it does not tell. */
export interface BrowserStorage {
  /** Bytes of this origin, as the browser rounds them. */
  usage: number | null;
  quota: number | null;
  /** Whether the browser keeps the data until the person deletes it. */
  persisted: boolean | null;
}

/** Work under way: one at a time. */
export interface StorageWork {
  words: string;
  /** Null where it is not known how much there is. */
  share: number | null;
}

type Work = (signal: AbortSignal, told: (share: number | null) => void) => Promise<void>;

/** State of the page. */
export interface StorageState {
  browser: BrowserStorage;
  /** Null until the engine answered. */
  report: StorageReport | null;
  work: StorageWork | null;
}

async function askBrowser(): Promise<BrowserStorage> {
  const storage = (navigator as { storage?: StorageManager }).storage;
  const estimate = await storage?.estimate().catch(() => undefined);
  const persisted = await storage?.persisted().catch(() => undefined);
  return { usage: estimate?.usage ?? null, quota: estimate?.quota ?? null, persisted: persisted ?? null };
}

/** A file in the making. */
class SavedParts {
  readonly #parts: Blob[] = [];
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #waiting = 0;

  readonly write = (piece: Uint8Array<ArrayBuffer>): void => {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting >= PART_BYTES) this.#pack();
  };

  /** Saves what was written; gives the name of the file. */
  save(name: string): string {
    this.#pack();
    saveFile(new Blob(this.#parts, { type: 'application/octet-stream' }), name + PACK_EXTENSION);
    return name + PACK_EXTENSION;
  }

  #pack(): void {
    this.#parts.push(new Blob(this.#pieces));
    this.#pieces = [];
    this.#waiting = 0;
  }
}

/** The page's actions. */
export class Storage {
  readonly store = new Store<StorageState>({
    browser: { usage: null, quota: null, persisted: null },
    report: null,
    work: null,
  });
  readonly #client: () => EngineClient;
  readonly #notices: NoticeBoard;
  #abort: AbortController | null = null;

  constructor(client: () => EngineClient, notices: NoticeBoard) {
    this.#client = client;
    this.#notices = notices;
  }

  /** Asks the engine and the browser anew. */
  async refresh(): Promise<void> {
    const report = this.#client()
      .call('storage')
      .catch((thrown: unknown) => {
        this.#notices.report(thrown);
        return null;
      });
    this.store.set({ browser: await askBrowser(), report: await report });
  }

  /** Reads everything that is stored. */
  async verify(): Promise<void> {
    await this.#run('Verifying', async (signal, told) => {
      const client = this.#client();
      const silent = client.on('verifying', ({ done, total }) => told(total === 0 ? 1 : done / total));
      const stop = (): void => void client.call('stopVerify');
      signal.addEventListener('abort', stop);
      told(0);
      try {
        const found = await client.call('verify');
        if (found === null) return;
        const repaired = found.repaired === 0 ? '' : `, ${formatCount(found.repaired, 'section')} repaired from the second copy`;
        const read = `${formatBytes(found.bytes)} in ${formatCount(found.sections, 'section')} read`;
        if (found.bad === 0) this.#notices.confirm(`All is intact: ${read}${repaired}.`);
        else {
          const text = `${read}${repaired}; ${formatCount(found.bad, 'section')} cannot be used. What can be done is below.`;
          this.#notices.show({ id: 'verified', kind: 'bad', text, code: 'damaged-section', action: null });
        }
      } finally {
        silent();
        signal.removeEventListener('abort', stop);
      }
    });
  }

  /** Says what may be dropped, and drops it. */
  async retain(policy: RetentionPolicy): Promise<void> {
    await this.#run('Dropping what is past its limit', async () => {
      const { profiles, summed } = await this.#client().call('setRetention', policy);
      const gone = [
        profiles === 0 ? null : `${formatCount(profiles, 'profile')} past the limits deleted`,
        summed === 0 ? null : `the samples of ${formatCount(summed, 'profile')} deleted, their sums kept`,
      ].filter((each) => each !== null);
      this.#notices.confirm(gone.length === 0 ? 'The limits are kept from now on. Nothing is past them.' : `${gone.join('; ')}.`);
    });
  }

  /** Deletes the blocks that cannot be read as a whole. */
  async discardDamaged(): Promise<void> {
    await this.#run('Deleting damaged blocks', async () => {
      const { profiles } = await this.#client().call('discardDamaged');
      this.#notices.confirm(`The damaged blocks are deleted, with ${formatCount(profiles, 'profile')}.`);
    });
  }

  /** Asks the browser to keep the data until the person deletes it. */
  async persist(): Promise<void> {
    const granted = await navigator.storage.persist();
    await this.refresh();
    this.#notices.confirm(granted ? 'The browser keeps the profiles until you delete them.' : 'The browser did not agree to keep the profiles when space runs out.');
  }

  /** Merges what is not in its last form. */
  async compact(): Promise<void> {
    await this.#run('Merging blocks', async () => {
      const { blocks, bytesBefore, bytesAfter } = await this.#client().call('compact', false);
      this.#notices.confirm(
        blocks === 0
          ? 'Nothing to merge: everything is in its last form.'
          : `${formatCount(blocks, 'block')} merged: ${formatBytes(bytesBefore)} became ${formatBytes(bytesAfter)}.`,
      );
    });
  }

  /** Saves what waits to be stored: a file that can be imported when the storage is back, or elsewhere. */
  async exportUnsaved(): Promise<void> {
    await this.export('unsaved', 'unsaved-profiles', 0);
  }

  /** Saves a selection, everything, or what waits to be stored as a file named `name`. */
  async export(selection: StoredSelection | 'unsaved' | null, name: string, storedBytes: number): Promise<void> {
    await this.#run('Exporting', async (signal, told) => {
      const file = new SavedParts();
      const onProgress = (done: number): void => told(storedBytes === 0 ? null : Math.min(1, done / storedBytes));
      const { profiles, bytes, leftOut, leftOutProfiles } = await exportPack(this.#client(), selection, file.write, { signal, onProgress });
      const saved = file.save(name);
      const [first] = leftOut;
      if (first === undefined) this.#notices.confirm(`${formatCount(profiles, 'profile')} exported to ${saved} (${formatBytes(bytes)}).`);
      else {
        const text = `${saved} has ${formatCount(profiles, 'profile')}, but not the ${formatCount(leftOutProfiles, 'profile')} that cannot be read: ${first}.`;
        this.#notices.show({ id: 'export', kind: 'warn', text, code: 'damaged-section', action: null });
      }
    });
  }

  /** Saves the database as it is, where this page can't open it. */
  async copy(of: ClientOptions): Promise<void> {
    await this.#work('Copying', async (signal, told) => {
      const file = new SavedParts();
      const { bytes } = await copyStorage(of, file.write, { signal, onProgress: () => told(null) });
      this.#notices.confirm(`All data is copied to ${file.save(`${of.name}-data`)} (${formatBytes(bytes)}): a newer version of this page imports it.`);
    });
  }

  /** Gives up an export. */
  cancel(): void {
    this.#abort?.abort();
  }

  /** As `#work`, and asks anew how things stand then. */
  async #run(words: string, work: Work): Promise<void> {
    if (await this.#work(words, work)) await this.refresh();
  }

  /** Works, one thing at a time; false if something else is under way. */
  async #work(words: string, work: Work): Promise<boolean> {
    if (this.store.state.work !== null) return false;
    this.#abort = new AbortController();
    this.store.set({ work: { words, share: null } });
    try {
      await work(this.#abort.signal, (share) => this.store.set({ work: { words, share } }));
    } catch (thrown) {
      if (EngineError.of(thrown).code !== ClientCode.cancelled) this.#notices.report(thrown);
    } finally {
      this.#abort = null;
      this.store.set({ work: null });
    }
    return true;
  }
}
