/**
 * Where the second copy of the data is kept, if the person wants one: off by default. The choice is of all tabs; a picked
 * folder is remembered by its handle, in a small database of its own.
 */

import type { StoragePlace } from '../../engine/protocol.ts';
import { places } from './places.ts';
import { storeReplicaKind, storedReplicaKind } from './preferences.ts';

const KEY = 'replica';

/** The place chosen last; undefined for none. A folder whose handle is gone is still a place, which then can't be opened. */
export async function storedReplica(): Promise<StoragePlace | undefined> {
  const backend = storedReplicaKind();
  if (backend === null) return undefined;
  if (backend === 'opfs') return { backend };
  const directory = await places.run<unknown>('readonly', (store) => store.get(KEY)).catch(() => undefined);
  return directory instanceof FileSystemDirectoryHandle ? { backend, directory } : { backend };
}

/** Keeps a choice; null for no second copy. What the old place holds stays there. */
export async function storeReplica(place: StoragePlace | null): Promise<void> {
  if (place?.directory !== undefined) {
    const { directory } = place;
    await places.run('readwrite', (store) => store.put(directory, KEY));
  }
  storeReplicaKind(place?.backend === 'opfs' || place?.backend === 'directory' ? place.backend : null);
}
