/**
 * Where the second copy of the data is kept, if the person wants one: off by default. The choice is of all tabs; a picked
 * folder is remembered by its handle, in a small database of its own.
 */

import type { StoragePlace } from '../../engine/protocol.ts';
import { storeReplicaKind, storedReplicaKind } from './preferences.ts';

const DATABASE = 'emberglass-places';
const STORE = 'handles';
const KEY = 'replica';

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the folder chosen for the second copy cannot be remembered'));
  });
}

async function handles<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  try {
    return await done(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** The place chosen last; undefined for none. A folder whose handle is gone is still a place, which then can't be opened. */
export async function storedReplica(): Promise<StoragePlace | undefined> {
  const backend = storedReplicaKind();
  if (backend === null) return undefined;
  if (backend === 'opfs') return { backend };
  const directory = await handles<unknown>('readonly', (store) => store.get(KEY)).catch(() => undefined);
  return directory instanceof FileSystemDirectoryHandle ? { backend, directory } : { backend };
}

/** Keeps a choice; null for no second copy. What the old place holds stays there. */
export async function storeReplica(place: StoragePlace | null): Promise<void> {
  if (place?.directory !== undefined) {
    const { directory } = place;
    await handles('readwrite', (store) => store.put(directory, KEY));
  }
  storeReplicaKind(place?.backend === 'opfs' || place?.backend === 'directory' ? place.backend : null);
}
