/**
 * The log of imports: what was to be imported is written down before it begins and forgotten when it ends, in a small
 * database of its own. What lies there when the page opens, and no tab works on, died; the store itself knows which of its
 * files landed.
 */

import { formatCount } from '../../engine/format.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import type { FileName } from '../../engine/protocol.ts';
import { SmallDatabase } from './small-database.ts';

const log = new SmallDatabase('emberglass-imports', 'begun', { keyPath: 'id' });
/** Held by the tab that works on an import. */
const LOCK = 'emberglass-import:';

/** An import as it was begun. */
interface Entry {
  id: string;
  startedMs: number;
  files: FileName[];
}

/** An import that did not end, and what became of its files. */
export interface Interrupted {
  id: string;
  startedMs: number;
  stored: readonly FileName[];
  missing: readonly FileName[];
}

/** Writes an import down until `end` settles. The log is a convenience: where it can't be written, imports go on without. */
export async function logImport(files: readonly ImportFile[], startedMs: number, end: Promise<unknown>): Promise<void> {
  const id = crypto.randomUUID();
  const entry: Entry = { id, startedMs, files: files.map(({ path, bytes }) => ({ name: path, bytes })) };
  const write = async (): Promise<void> => {
    try {
      await log.run('readwrite', (store) => store.put(entry));
      await end;
      await log.run('readwrite', (store) => store.delete(id));
    } catch {
      // Private windows may refuse a database.
    }
  };
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) await write();
  else await locks.request(LOCK + id, write);
}

/** Imports that no tab works on any more, with what is stored of them. */
export async function interruptedImports(client: Pick<EngineClient, 'call'>): Promise<Interrupted[]> {
  const held = await (navigator as { locks?: LockManager }).locks?.query();
  const alive = new Set(held?.held?.map(({ name }) => name));
  const entries = ((await log.run('readonly', (store) => store.getAll())) as Entry[]).filter(({ id }) => !alive.has(LOCK + id));
  const found: Interrupted[] = [];
  for (const { id, startedMs, files } of entries) {
    const landed = await client.call('storedFiles', files);
    const missing = files.filter((_, at) => landed[at] !== true);
    if (missing.length === 0) await forgetImport(id);
    else found.push({ id, startedMs, stored: files.filter((_, at) => landed[at] === true), missing });
  }
  return found;
}

/** Takes an import out of the log. */
export async function forgetImport(id: string): Promise<void> {
  await log.run('readwrite', (store) => store.delete(id));
}

/** Which files landed and which did not, a line each. */
export function interruptedReport({ startedMs, stored, missing }: Interrupted): string {
  const head = `import begun ${new Date(startedMs).toISOString()}, not ended: ${stored.length} of ${formatCount(stored.length + missing.length, 'file')} stored`;
  return [head, ...missing.map(({ name }) => `${name}: not stored`), ...stored.map(({ name }) => `${name}: stored`)].join('\n') + '\n';
}
