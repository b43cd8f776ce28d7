/**
 * An import of many files: decode, store, each at its own pace. The files of an archive get lines of their own, after
 * that of the archive, as they come out of it.
 *
 * Invariants:
 * - At most `pool.size` files or members of archives are decoded at once, and at most `STORING_BYTES` of decoded batches wait for
 *   their commit: memory does not grow with the number of files.
 * - A file's line ends in exactly one of the final states. A bad file ends its own line and nothing else.
 * - `saved` means durable: the engine answers an ingest only after its commit.
 * - A file whose storing was hit by a crash of the engine is decoded and stored once more, a member with its whole
 *   archive; storing is idempotent.
 */

import type { EngineClient } from './client.ts';
import type { DecodePool } from './decode-pool.ts';
import { ClientCode, EngineError } from './errors.ts';
import type { ImportFile } from './import-files.ts';
import { importPack, isPack } from './pack-transfer.ts';
import type { Decoded, IngestReceipt, LabelPair, Member, PackImportResult, Warning } from './protocol.ts';

/** Decoded bytes that may wait for their commit. */
export const STORING_BYTES = 16 * 2 ** 20;
const ATTEMPTS = 2;
/** Not recognised: an error for a file that was chosen, a skip for one found in a folder. */
const UNRECOGNIZED: ReadonlySet<string> = new Set(['unrecognized-format', 'empty-input']);

/** Where a file is. The last six are final; an archive is `unpacked`. */
export type FileState =
  | 'queued'
  | 'decoding'
  | 'storing'
  | 'unpacked'
  | 'saved'
  | 'duplicate'
  | 'skipped'
  | 'failed'
  | 'cancelled';

const FINAL: ReadonlySet<FileState> = new Set<FileState>(['unpacked', 'saved', 'duplicate', 'skipped', 'failed', 'cancelled']);

/** One file of the import, or a member of an archive. */
export interface ImportLine {
  /** Of a member: the path of its archive, then that in it. */
  readonly path: string;
  readonly bytes: number;
  /** The line of the archive that it was in. */
  readonly archive: ImportLine | null;
  state: FileState;
  /** Share of the file that is read and decoded, 0 to 1. */
  progress: number;
  /** Why it failed, or was skipped. */
  error: EngineError | null;
  warnings: readonly Warning[];
  format: string;
  receipt: IngestReceipt | null;
  /** What a pack brought so far. */
  pack: PackImportResult | null;
}

/** Where the import is as a whole. */
export interface ImportSummary {
  /** Lines: the members of archives are files too. */
  files: number;
  /** Files in a final state. */
  done: number;
  /** Sizes of the files as given, archives as packed. */
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

/** A line, and what it takes to work on it. */
interface Item {
  line: ImportLine;
  file: ImportFile;
  abort: AbortController;
  /** How often it was decoded. */
  attempts: number;
  decoding: boolean;
  /** Some of it is to be decoded once more. */
  again: boolean;
  /** Of an archive: those found in it so far, in its order. */
  members: Item[];
  /** The archive of a member. */
  archive: Item | null;
  modifiedMs: number | null;
}

function itemOf(file: ImportFile, path: string, bytes: number, archive: Item | null, modifiedMs: number | null): Item {
  const line: ImportLine = {
    path,
    bytes,
    archive: archive?.line ?? null,
    state: 'queued',
    progress: 0,
    error: null,
    warnings: [],
    format: '',
    receipt: null,
    pack: null,
  };
  return { line, file, abort: new AbortController(), attempts: 0, decoding: false, again: false, members: [], archive, modifiedMs };
}

/** An import under way or done. */
export class ImportJob {
  /** Resolves when every line is final; never rejects. */
  readonly finished: Promise<void>;
  readonly startedMs: number;
  readonly #options: ImportOptions;
  readonly #now: () => number;
  readonly #items: Item[];
  readonly #lines: ImportLine[];
  readonly #queue: Item[];
  readonly #storing = new Set<Promise<void>>();
  #storingBytes = 0;
  #endedMs: number | null = null;

  constructor(files: readonly ImportFile[], options: ImportOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.startedMs = this.#now();
    this.#items = files.map((file) => itemOf(file, file.path, file.bytes, null, file.modifiedMs));
    this.#lines = this.#items.map(({ line }) => line);
    this.#queue = [...this.#items];
    this.finished = this.#run();
  }

  /** The files in their order, each archive followed by what was found in it. */
  get lines(): readonly ImportLine[] {
    return this.#lines;
  }

  /** Whether some line is not final yet. */
  get running(): boolean {
    return this.#endedMs === null;
  }

  /** Gives up one file, or all that are not stored yet. */
  cancel(only?: ImportLine): void {
    for (const { line, abort } of this.#items) {
      if ((only !== undefined && line !== only) || FINAL.has(line.state) || line.state === 'storing') continue;
      abort.abort();
      if (line.state === 'queued') this.#end(line, 'cancelled');
    }
    this.#changed();
  }

  /** Sums over the lines. */
  summary(): ImportSummary {
    const counts: Record<FileState, number> = {
      queued: 0, decoding: 0, storing: 0, unpacked: 0, saved: 0, duplicate: 0, skipped: 0, failed: 0, cancelled: 0,
    };
    let bytes = 0;
    let bytesDone = 0;
    let profiles = 0;
    let done = 0;
    for (const line of this.#lines) {
      counts[line.state] += 1;
      if (line.archive === null) {
        bytes += line.bytes;
        bytesDone += FINAL.has(line.state) ? line.bytes : line.bytes * line.progress;
      }
      if (FINAL.has(line.state)) done += 1;
      if (line.state === 'saved') profiles += line.receipt?.profiles ?? 0;
      profiles += line.pack?.profiles ?? 0;
    }
    const seconds = Math.max(1e-3, ((this.#endedMs ?? this.#now()) - this.startedMs) / 1000);
    return { files: this.#lines.length, done, bytes, bytesDone, rate: bytesDone / seconds, profiles, counts, running: this.running };
  }

  /** The outcome as text, one line a file, as on the command line. */
  report(): string {
    const { files, counts, profiles } = this.summary();
    const head = `${files} files: ${counts.saved} saved (${profiles} profiles), ${counts.duplicate} duplicate, ${counts.skipped} skipped, ${counts.failed} failed, ${counts.cancelled} cancelled${counts.unpacked === 0 ? '' : `, ${counts.unpacked} unpacked`}`;
    return [head, ...this.#lines.map((line) => describeLine(line))].join('\n') + '\n';
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
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      await this.#roomToStore();
      await this.#decodeItem(item);
    }
  }

  async #roomToStore(): Promise<void> {
    while (this.#storingBytes > STORING_BYTES && this.#storing.size > 0) await Promise.race(this.#storing);
  }

  /** Decodes a file and begins to store it, or all that an archive holds. */
  async #decodeItem(item: Item): Promise<void> {
    const { line, file, abort } = item;
    if (FINAL.has(line.state)) return;
    item.decoding = true;
    line.state = 'decoding';
    this.#changed();
    let place = 0;
    try {
      if (await isPack(file.file)) {
        await this.#importPack(item);
        item.decoding = false;
        return;
      }
      const members = this.#options.pool.decode(file.file, file.path, {
        signal: abort.signal,
        onProgress: ({ done, total }) => {
          line.progress = total === 0 ? 1 : Math.min(1, done / total);
          this.#changed();
        },
      });
      for await (const member of members) {
        const found = member.archived ? this.#memberAt(item, place, member) : item;
        if (member.archived) place += 1;
        this.#take(found, member);
        await this.#roomToStore();
      }
      if (line.state === 'decoding') this.#end(line, 'unpacked');
    } catch (thrown) {
      this.#refuse(item, EngineError.of(thrown));
    }
    item.decoding = false;
    if (item.again) this.#requeue(item);
    this.#changed();
  }

  /** Stores a pack, block by block. */
  async #importPack({ line, file, abort }: Item): Promise<void> {
    line.format = 'emberglass';
    const result = await importPack(
      this.#options.client,
      file.file,
      {
        signal: abort.signal,
        onProgress: (done, total) => {
          line.progress = done / total;
          this.#changed();
        },
      },
      (soFar) => (line.pack = soFar),
    );
    line.pack = result;
    if (result.damaged > 0) {
      line.error = new EngineError('pack-damaged', `${result.damaged} profiles lie in damaged blocks and were left out`);
      this.#end(line, 'failed');
    } else this.#end(line, result.profiles > 0 || result.duplicates === 0 ? 'saved' : 'duplicate');
    this.#changed();
  }

  /** The item of a member, found in this attempt or in one before. */
  #memberAt(archive: Item, place: number, { name, bytes, modifiedMs }: Member): Item {
    const known = archive.members[place];
    if (known !== undefined) return known;
    const item = itemOf(archive.file, name, bytes, archive, modifiedMs ?? archive.modifiedMs);
    const row = this.#items.indexOf(archive.members.at(-1) ?? archive) + 1;
    this.#items.splice(row, 0, item);
    this.#lines.splice(row, 0, item.line);
    archive.members.push(item);
    return item;
  }

  /** Begins to store what was decoded, or notes why it was not. */
  #take(item: Item, { decoded, error }: Member): void {
    const { line } = item;
    if (FINAL.has(line.state)) return;
    if (decoded === null) {
      this.#refuse(item, error === null ? new EngineError(ClientCode.internal, 'the decoder gave nothing') : EngineError.from(error));
      return;
    }
    item.attempts += 1;
    line.state = 'storing';
    line.progress = 1;
    line.format = decoded.format;
    line.warnings = decoded.warnings;
    const bytes = decoded.batch.byteLength;
    this.#storingBytes += bytes;
    const storing = this.#store(item, decoded).finally(() => {
      this.#storingBytes -= bytes;
      this.#storing.delete(storing);
      this.#changed();
    });
    this.#storing.add(storing);
    this.#changed();
  }

  async #store(item: Item, decoded: Decoded): Promise<void> {
    const { line, modifiedMs } = item;
    const { path } = line;
    const { labels, pathTemplate } = this.#options;
    try {
      const receipt = await this.#options.client.call('ingest', decoded.batch, {
        name: path,
        bytes: line.bytes,
        modifiedMs,
        importedMs: this.startedMs,
        labels: typeof labels === 'function' ? labels(path) : (labels ?? []),
        pathTemplate: pathTemplate ?? null,
      });
      line.receipt = receipt;
      this.#end(line, receipt.stored ? 'saved' : 'duplicate');
    } catch (thrown) {
      const error = EngineError.of(thrown);
      if (error.code === ClientCode.engineCrashed && this.#again(item)) return;
      this.#refuse(item, error);
    }
  }

  /** Has a file decoded once more, a member with its archive; false when it had its chances. */
  #again(item: Item): boolean {
    if (item.attempts >= ATTEMPTS) return false;
    item.line.state = 'queued';
    item.line.progress = 0;
    const whole = item.archive ?? item;
    whole.again = true;
    if (!whole.decoding) this.#requeue(whole);
    return true;
  }

  #requeue(item: Item): void {
    item.again = false;
    if (item.abort.signal.aborted) {
      for (const { line } of [item, ...item.members]) if (line.state === 'queued') this.#end(line, 'cancelled');
      return;
    }
    item.line.state = 'queued';
    item.line.progress = 0;
    this.#queue.push(item);
  }

  #refuse({ line, file, archive }: Item, error: EngineError): void {
    line.error = error;
    if (error.code === ClientCode.cancelled) this.#end(line, 'cancelled');
    else if ((file.fromFolder || archive !== null) && UNRECOGNIZED.has(error.code)) this.#end(line, 'skipped');
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
  if (line.pack !== null) parts.push(`${line.pack.profiles} profiles, ${line.pack.duplicates} stored before`);
  for (const { code, message, offset, count } of line.warnings) {
    const place = offset === null ? '' : `, at byte ${offset}`;
    parts.push(`warning: ${message} (${code}${place})${count > 1 ? ` x ${count}` : ''}`);
  }
  return parts.join('; ');
}
