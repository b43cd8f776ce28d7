/**
 * An import of many files: read, decode, store, each at its own pace.
 *
 * Invariants:
 * - At most `pool.size` files are read or decoded at once, and at most `STORING_BYTES` of decoded batches wait for
 *   their commit: memory does not grow with the number of files.
 * - A file's line ends in exactly one of the final states. A bad file ends its own line and nothing else.
 * - `saved` means durable: the engine answers an ingest only after its commit.
 * - A file whose storing was hit by a crash of the engine is decoded and stored once more; storing is idempotent.
 */

import type { EngineClient } from './client.ts';
import type { DecodePool } from './decode-pool.ts';
import { ClientCode, EngineError } from './errors.ts';
import type { ImportFile } from './import-files.ts';
import type { Decoded, IngestReceipt, LabelPair, Warning } from './protocol.ts';

/** Decoded bytes that may wait for their commit. */
export const STORING_BYTES = 16 * 2 ** 20;
const ATTEMPTS = 2;
/** Not recognised: an error for a file that was chosen, a skip for one found in a folder. */
const UNRECOGNIZED: ReadonlySet<string> = new Set(['unrecognized-format', 'empty-input']);

/** Where a file is. The last five are final. */
export type FileState =
  | 'queued'
  | 'reading'
  | 'decoding'
  | 'storing'
  | 'saved'
  | 'duplicate'
  | 'skipped'
  | 'failed'
  | 'cancelled';

const FINAL: ReadonlySet<FileState> = new Set<FileState>(['saved', 'duplicate', 'skipped', 'failed', 'cancelled']);

/** One file of the import. */
export interface ImportLine {
  readonly path: string;
  readonly bytes: number;
  state: FileState;
  /** Share of the file that is read and decoded, 0 to 1. */
  progress: number;
  /** Why it failed, or was skipped. */
  error: EngineError | null;
  warnings: readonly Warning[];
  format: string;
  receipt: IngestReceipt | null;
}

/** Where the import is as a whole. */
export interface ImportSummary {
  files: number;
  /** Files in a final state. */
  done: number;
  bytes: number;
  bytesDone: number;
  /** Bytes a second since the start. */
  rate: number;
  /** Profiles written. */
  profiles: number;
  counts: Record<FileState, number>;
  running: boolean;
}

/** What the import needs of its surroundings. */
export interface ImportOptions {
  client: Pick<EngineClient, 'call'>;
  pool: Pick<DecodePool, 'decode' | 'size'>;
  /** Labels for all files; they win over what the files say. */
  labels?: LabelPair[] | ((path: string) => LabelPair[]);
  pathTemplate?: string | null;
  /** Called when a line changed; often, so draw later. */
  onChange?: () => void;
  now?: () => number;
}

/** An import under way or done. */
export class ImportJob {
  readonly lines: readonly ImportLine[];
  /** Resolves when every line is final; never rejects. */
  readonly finished: Promise<void>;
  readonly startedMs: number;
  readonly #files: readonly ImportFile[];
  readonly #options: ImportOptions;
  readonly #now: () => number;
  readonly #aborts: AbortController[];
  readonly #attempts: number[];
  readonly #queue: number[];
  readonly #storing = new Set<Promise<void>>();
  #storingBytes = 0;
  #endedMs: number | null = null;

  constructor(files: readonly ImportFile[], options: ImportOptions) {
    this.#files = files;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.startedMs = this.#now();
    this.#aborts = files.map(() => new AbortController());
    this.#attempts = files.map(() => 0);
    this.#queue = files.map((_, row) => row);
    this.lines = files.map(({ path, file }) => ({
      path,
      bytes: file.size,
      state: 'queued',
      progress: 0,
      error: null,
      warnings: [],
      format: '',
      receipt: null,
    }));
    this.finished = this.#run();
  }

  /** Whether some line is not final yet. */
  get running(): boolean {
    return this.#endedMs === null;
  }

  /** Gives up one file, or all that are not stored yet. */
  cancel(row?: number): void {
    const rows = row === undefined ? this.lines.keys() : [row];
    for (const each of rows) {
      const line = this.lines[each];
      if (line === undefined || FINAL.has(line.state) || line.state === 'storing') continue;
      this.#aborts[each]?.abort();
      if (line.state === 'queued') this.#end(line, 'cancelled');
    }
    this.#changed();
  }

  /** Sums over the lines. */
  summary(): ImportSummary {
    const counts: Record<FileState, number> = {
      queued: 0, reading: 0, decoding: 0, storing: 0, saved: 0, duplicate: 0, skipped: 0, failed: 0, cancelled: 0,
    };
    let bytes = 0;
    let bytesDone = 0;
    let profiles = 0;
    let done = 0;
    for (const line of this.lines) {
      counts[line.state] += 1;
      bytes += line.bytes;
      bytesDone += FINAL.has(line.state) ? line.bytes : line.bytes * line.progress;
      if (FINAL.has(line.state)) done += 1;
      if (line.state === 'saved') profiles += line.receipt?.profiles ?? 0;
    }
    const seconds = Math.max(1e-3, ((this.#endedMs ?? this.#now()) - this.startedMs) / 1000);
    return { files: this.lines.length, done, bytes, bytesDone, rate: bytesDone / seconds, profiles, counts, running: this.running };
  }

  /** The outcome as text, one line a file, as on the command line. */
  report(): string {
    const { files, counts, profiles } = this.summary();
    const head = `${files} files: ${counts.saved} saved (${profiles} profiles), ${counts.duplicate} duplicate, ${counts.skipped} skipped, ${counts.failed} failed, ${counts.cancelled} cancelled`;
    return [head, ...this.lines.map((line) => describeLine(line))].join('\n') + '\n';
  }

  async #run(): Promise<void> {
    // Begin after the constructor returned, so that `onChange` never sees a half-built job.
    await Promise.resolve();
    const runners = Array.from({ length: this.#options.pool.size }, () => this.#decodeLoop());
    await Promise.all(runners);
    while (this.#storing.size > 0 || this.#queue.length > 0) {
      if (this.#queue.length > 0) {
        await this.#decodeLoop();
        continue;
      }
      await this.#flush();
      await Promise.all(this.#storing);
    }
    this.#endedMs = this.#now();
    this.#changed();
  }

  /** Commits what is staged. A failure shows in the ingests that wait for this commit, not here. */
  async #flush(): Promise<void> {
    await this.#options.client.call('flush').catch(() => undefined);
  }

  async #decodeLoop(): Promise<void> {
    for (let row = this.#queue.shift(); row !== undefined; row = this.#queue.shift()) {
      while (this.#storingBytes > STORING_BYTES && this.#storing.size > 0) await Promise.race(this.#storing);
      await this.#decodeOne(row);
    }
  }

  async #decodeOne(row: number): Promise<void> {
    const line = this.lines[row] as ImportLine;
    const { file, path } = this.#files[row] as ImportFile;
    const signal = (this.#aborts[row] as AbortController).signal;
    if (FINAL.has(line.state)) return;
    this.#attempts[row] = (this.#attempts[row] ?? 0) + 1;
    line.state = 'reading';
    this.#changed();
    let decoded: Decoded;
    try {
      decoded = await this.#options.pool.decode(file, path, {
        signal,
        onProgress: ({ phase, done, total }) => {
          line.state = phase;
          const share = total === 0 ? 1 : Math.min(1, done / total);
          line.progress = phase === 'reading' ? share * 0.2 : 0.2 + share * 0.8;
          this.#changed();
        },
      });
    } catch (thrown) {
      this.#refuse(row, EngineError.of(thrown));
      return;
    }
    line.state = 'storing';
    line.progress = 1;
    line.format = decoded.format;
    line.warnings = decoded.warnings;
    const bytes = decoded.batch.byteLength;
    this.#storingBytes += bytes;
    const storing = this.#store(row, decoded).finally(() => {
      this.#storingBytes -= bytes;
      this.#storing.delete(storing);
      this.#changed();
    });
    this.#storing.add(storing);
    this.#changed();
  }

  async #store(row: number, decoded: Decoded): Promise<void> {
    const line = this.lines[row] as ImportLine;
    const { file, path } = this.#files[row] as ImportFile;
    const { labels, pathTemplate } = this.#options;
    try {
      const receipt = await this.#options.client.call('ingest', decoded.batch, {
        name: path,
        bytes: file.size,
        modifiedMs: file.lastModified > 0 ? file.lastModified : null,
        importedMs: this.startedMs,
        labels: typeof labels === 'function' ? labels(path) : (labels ?? []),
        pathTemplate: pathTemplate ?? null,
      });
      line.receipt = receipt;
      this.#end(line, receipt.stored ? 'saved' : 'duplicate');
    } catch (thrown) {
      const error = EngineError.of(thrown);
      if (error.code === ClientCode.engineCrashed && (this.#attempts[row] ?? 0) < ATTEMPTS) {
        line.state = 'queued';
        line.progress = 0;
        this.#queue.push(row);
        return;
      }
      this.#refuse(row, error);
    }
  }

  #refuse(row: number, error: EngineError): void {
    const line = this.lines[row] as ImportLine;
    line.error = error;
    if (error.code === ClientCode.cancelled) this.#end(line, 'cancelled');
    else if (this.#files[row]?.fromFolder === true && UNRECOGNIZED.has(error.code)) this.#end(line, 'skipped');
    else this.#end(line, 'failed');
    this.#changed();
  }

  #end(line: ImportLine, state: FileState): void {
    line.state = state;
    line.progress = 1;
  }

  #changed(): void {
    this.#options.onChange?.();
  }
}

/** One line as text: `path: state; why`. */
export function describeLine(line: ImportLine): string {
  const parts = [`${line.path}: ${line.state}`];
  if (line.error !== null && line.state !== 'cancelled') parts.push(line.error.describe());
  if (line.receipt !== null) parts.push(`${line.format}, ${line.receipt.profiles} profiles of ${line.receipt.service}`);
  for (const { code, message, offset, count } of line.warnings) {
    const place = offset === null ? '' : `, at byte ${offset}`;
    parts.push(`warning: ${message} (${code}${place})${count > 1 ? ` x ${count}` : ''}`);
  }
  return parts.join('; ');
}
