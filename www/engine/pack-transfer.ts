/** Packs from and to files: read and written in pieces, so that memory stays bounded however large they are. */

import { EngineClient } from './client.ts';
import type { ClientOptions } from './client.ts';
import { ClientCode, EngineError } from './errors.ts';
import type { DatabasePlace, ExportResult, PackImportResult, StoredSelection } from './protocol.ts';

/** Bytes read at a time. */
const PIECE = 1 << 20;
/** What a pack begins with. */
const MAGIC = 'EGPK';
/** An import of a pack is begun anew this often when the engine crashed: what is stored is known then. */
const ATTEMPTS = 3;
/** The session is gone: the engine was restarted. */
const LOST: ReadonlySet<string> = new Set<string>([ClientCode.engineCrashed, ClientCode.staleHandle]);

/** Ending of the names of packs. */
export const PACK_EXTENSION = '.emberglass';

/** How far it is, and whether to give up. */
export interface Transfer {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Whether a file is a pack, by its first bytes; false if it can't be read, which the decoder says better. */
export async function isPack(file: Blob): Promise<boolean> {
  try {
    return (await file.slice(0, MAGIC.length).text()) === MAGIC;
  } catch {
    return false;
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new EngineError(ClientCode.cancelled, 'cancelled');
}

async function importOnce(client: Pick<EngineClient, 'call'>, file: Blob, { onProgress, signal }: Transfer, told: (result: PackImportResult) => void): Promise<PackImportResult> {
  const session = await client.call('beginImport');
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      checkSignal(signal);
      const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      told(await client.call('importNext', session, bytes));
      onProgress?.(Math.min(file.size, at + PIECE), file.size);
    }
  } catch (thrown) {
    // The worker holds what it was given until the import ends; what its end says of the rest is no news.
    await client.call('endImport', session).catch(() => undefined);
    throw thrown;
  }
  return await client.call('endImport', session);
}

/**
 * Imports a pack: what is stored before is known by its content, so that an import that died goes on by importing the file
 * again. `told` hears what was stored so far; a cut or damaged file throws after all that came whole is stored.
 */
export async function importPack(client: Pick<EngineClient, 'call'>, file: Blob, transfer: Transfer = {}, told: (result: PackImportResult) => void = () => undefined): Promise<PackImportResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await importOnce(client, file, transfer, told);
    } catch (thrown) {
      const error = EngineError.of(thrown);
      if (attempt >= ATTEMPTS || !LOST.has(error.code)) throw error;
    }
  }
}

/** Takes a file in pieces. */
type Write = (piece: Uint8Array<ArrayBuffer>) => Promise<void> | void;

/** Exports a selection, everything, or what waits to be stored, piece by piece into `write`. */
export async function exportPack(client: Pick<EngineClient, 'call'>, selection: StoredSelection | 'unsaved' | null, write: Write, transfer: Transfer = {}): Promise<ExportResult> {
  return await handOut(client, await client.call('beginExport', selection), write, transfer);
}

/**
 * Copies a database as it is into `write`: one that can't be opened because a newer page wrote it (`storage-newer-version`). A
 * page that can read it imports the file like any pack.
 */
export async function copyStorage(options: ClientOptions, write: Write, transfer: Transfer = {}): Promise<ExportResult> {
  const client = new EngineClient({ ...options, opens: false });
  try {
    const { backend, directory, name } = options;
    const of: DatabasePlace = { backend, name };
    if (directory !== undefined) of.directory = directory;
    return await handOut(client, await client.call('beginCopy', of), write, transfer);
  } finally {
    client.close();
  }
}

async function handOut(client: Pick<EngineClient, 'call'>, session: number, write: Write, { onProgress, signal }: Transfer): Promise<ExportResult> {
  try {
    let bytes = 0;
    for (;;) {
      checkSignal(signal);
      const piece = await client.call('exportNext', session);
      if (piece === null) return await client.call('endExport', session);
      await write(piece as Uint8Array<ArrayBuffer>);
      bytes += piece.length;
      onProgress?.(bytes, bytes);
    }
  } catch (thrown) {
    await client.call('endExport', session).catch(() => undefined);
    throw thrown;
  }
}
