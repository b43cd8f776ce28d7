/**
 * Exports and imports under way in the engine's worker. A session dies with the worker: an import that is begun anew adds
 * only what is missing.
 */

import { ClientCode } from './errors.ts';
import type { DatabasePlace, ExportResult, ImportedBlock, PackImportResult, StoredSelection } from './protocol.ts';

/** Methods that this answers. */
export type PackMethod = 'beginExport' | 'beginCopy' | 'exportNext' | 'endExport' | 'beginImport' | 'importNext' | 'endImport';

/** `PackExport` or `StorageCopyExport` of the module. */
export interface OpenExport {
  next(): Promise<Uint8Array | undefined>;
  report(): unknown;
  free(): void;
}

/** `PackFile` of the module. */
export interface OpenPack {
  push(bytes: Uint8Array): void;
  next(): Uint8Array | undefined;
  damaged(): number;
  finish(): void;
  free(): void;
}

/** What it needs of the engine. */
export interface PackSource {
  begin(selection: StoredSelection | 'unsaved' | null): Promise<OpenExport>;
  beginCopy(of: DatabasePlace): Promise<OpenExport>;
  file(): OpenPack;
  /** Stores a block, whichever tab writes. */
  store(block: Uint8Array): Promise<unknown>;
}

interface Taking {
  file: OpenPack;
  profiles: number;
  duplicates: number;
}

/** The sessions of a worker. */
export class Packs {
  readonly #source: PackSource;
  readonly #exports = new Map<number, OpenExport>();
  readonly #imports = new Map<number, Taking>();
  #next = 1;

  constructor(source: PackSource) {
    this.#source = source;
  }

  /** Whether a method is one of these. */
  has(method: string): method is PackMethod {
    return Object.hasOwn(this.#methods, method);
  }

  async call(method: PackMethod, params: unknown[]): Promise<unknown> {
    return await (this.#methods[method] as (...given: unknown[]) => Promise<unknown>)(...params);
  }

  readonly #methods = {
    beginExport: async (selection: StoredSelection | 'unsaved' | null): Promise<number> => this.#exporting(await this.#source.begin(selection)),
    beginCopy: async (of: DatabasePlace): Promise<number> => this.#exporting(await this.#source.beginCopy(of)),
    exportNext: async (session: number): Promise<Uint8Array | null> => (await this.#of(this.#exports, session).next()) ?? null,
    endExport: async (session: number): Promise<ExportResult> => {
      const of = this.#of(this.#exports, session);
      this.#exports.delete(session);
      const report = of.report() as ExportResult;
      of.free();
      return await Promise.resolve(report);
    },
    beginImport: async (): Promise<number> => {
      const session = this.#next++;
      this.#imports.set(session, { file: this.#source.file(), profiles: 0, duplicates: 0 });
      return await Promise.resolve(session);
    },
    importNext: async (session: number, bytes: Uint8Array): Promise<PackImportResult> => {
      const of = this.#of(this.#imports, session);
      of.file.push(bytes);
      for (let block = of.file.next(); block !== undefined; block = of.file.next()) {
        const { profiles, duplicates } = (await this.#source.store(block)) as ImportedBlock;
        of.profiles += profiles;
        of.duplicates += duplicates;
      }
      return resultOf(of);
    },
    endImport: async (session: number): Promise<PackImportResult> => {
      const of = this.#of(this.#imports, session);
      this.#imports.delete(session);
      try {
        of.file.finish();
        return await Promise.resolve(resultOf(of));
      } finally {
        of.file.free();
      }
    },
  };

  #exporting(of: OpenExport): number {
    const session = this.#next++;
    this.#exports.set(session, of);
    return session;
  }

  #of<T>(all: ReadonlyMap<number, T>, session: number): T {
    const found = all.get(session);
    if (found === undefined) throw { code: ClientCode.staleHandle, message: `nothing is exported or imported under the number ${session} any more`, offset: null };
    return found;
  }
}

function resultOf({ file, profiles, duplicates }: Taking): PackImportResult {
  return { profiles, duplicates, damaged: file.damaged() };
}
