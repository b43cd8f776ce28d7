import { describe, expect, it, vi } from 'vitest';
import type { EngineClient } from '../../www/engine/client.ts';
import type { DecodeOptions, DecodePool } from '../../www/engine/decode-pool.ts';
import { EngineError } from '../../www/engine/errors.ts';
import { importFile } from '../../www/engine/import-files.ts';
import type { ImportFile } from '../../www/engine/import-files.ts';
import { ImportJob, STORING_BYTES } from '../../www/engine/import-job.ts';
import type { Decoded, IngestReceipt, Member, SourceInfo } from '../../www/engine/protocol.ts';
import { coverOf } from '../../www/app/state/imports.ts';
import { settle } from './fake-worker.ts';

function fileOf(path: string, fromFolder = false): ImportFile {
  return importFile(new File([path], path, { lastModified: 5000 }), path, fromFolder);
}

function receiptOf(patch: Partial<IngestReceipt> = {}): IngestReceipt {
  return { stored: true, service: 'shop', defaultType: 'cpu', from: 10n, until: 20n, profiles: 2, timeSource: 'file', ...patch };
}

function decodedOf(name: string): Decoded {
  return { batch: new TextEncoder().encode(name), format: 'pprof', profiles: 2, warnings: [] };
}

function memberOf(name: string, code: string | null = null): Member {
  const error = code === null ? null : { code, message: 'no good', offset: null };
  return { name, bytes: 100, modifiedMs: 7000, archived: true, decoded: error === null ? decodedOf(name) : null, error };
}

interface World {
  decode?: (file: Blob, name: string, options?: DecodeOptions) => Promise<Decoded>;
  /** Files of archives, by their names. */
  members?: Record<string, Member[]>;
  ingest?: (batch: Uint8Array, source: SourceInfo) => Promise<IngestReceipt>;
  size?: number;
}

/** An engine that stores at once, or on `flush` where `grouped`. */
function world({ decode, members = {}, ingest, size = 2 }: World = {}, grouped = false) {
  const staged: (() => void)[] = [];
  const calls: string[] = [];
  const client = {
    call: vi.fn(async (method: string, ...params: unknown[]) => {
      calls.push(method);
      if (method === 'flush') {
        for (const commit of staged.splice(0)) commit();
        return undefined;
      }
      if (grouped) await new Promise<void>((resolve) => staged.push(resolve));
      return ingest === undefined ? receiptOf() : await ingest(params[0] as Uint8Array, params[1] as SourceInfo);
    }),
  } as unknown as EngineClient;
  const one = decode ?? (async (_file: Blob, name: string): Promise<Decoded> => decodedOf(name));
  const pool: Pick<DecodePool, 'decode' | 'size'> = {
    size,
    decode: async function* (file, name, options) {
      const inside = members[name];
      if (inside !== undefined) yield* inside;
      else yield { name, bytes: file.size, modifiedMs: null, archived: false, decoded: await one(file, name, options), error: null };
    },
  };
  return { client, pool, calls };
}

function statesOf(job: ImportJob): Record<string, string> {
  return Object.fromEntries(job.lines.map(({ path, state }) => [path, state]));
}

describe('ImportJob', () => {
  it('stores every file, commits once at the end, and says what the engine is told', async () => {
    const sources: SourceInfo[] = [];
    const { client, pool, calls } = world(
      {
        ingest: async (_batch, source) => {
          sources.push(source);
          return receiptOf();
        },
      },
      true,
    );
    const job = new ImportJob([fileOf('a'), fileOf('b'), fileOf('c')], { client, pool, labels: [['region', 'eu']] });
    await job.finished;
    expect(statesOf(job)).toEqual({ a: 'saved', b: 'saved', c: 'saved' });
    expect(calls.filter((method) => method === 'flush')).toHaveLength(1);
    expect(calls.at(-1)).toBe('flush');
    expect(sources[0]).toMatchObject({ name: 'a', bytes: 1, modifiedMs: 5000, labels: [['region', 'eu']] });
    expect(job.summary()).toMatchObject({ files: 3, done: 3, profiles: 6, bytes: 3, bytesDone: 3, running: false });
  });

  it('gives a bad file its line and goes on', async () => {
    const { client, pool } = world({
      decode: async (_file, name) => {
        if (name === 'bad') throw new EngineError('truncated', 'ends early', 11730);
        return { batch: new Uint8Array(1), format: 'pprof', profiles: 1, warnings: [] };
      },
      ingest: async (_batch, { name }) => receiptOf({ stored: name !== 'again' }),
    });
    const job = new ImportJob([fileOf('bad'), fileOf('good'), fileOf('again')], { client, pool });
    await job.finished;
    expect(statesOf(job)).toEqual({ bad: 'failed', good: 'saved', again: 'duplicate' });
    expect(job.report()).toBe(
      '3 files: 1 saved (2 profiles), 1 duplicate, 0 skipped, 1 failed, 0 cancelled\n' +
        'bad: failed; ends early (truncated, at byte 11730)\n' +
        'good: saved; pprof, 2 profiles of shop\n' +
        'again: duplicate; pprof, 2 profiles of shop\n',
    );
  });

  it('skips what a folder holds and nobody recognises, but not what was chosen', async () => {
    const { client, pool } = world({
      decode: async () => {
        throw new EngineError('unrecognized-format', 'no known format', 0);
      },
    });
    const job = new ImportJob([fileOf('folder/notes.txt', true), fileOf('chosen.txt')], { client, pool });
    await job.finished;
    expect(statesOf(job)).toEqual({ 'folder/notes.txt': 'skipped', 'chosen.txt': 'failed' });
  });

  it('has at most as many files in flight as there are decoders', async () => {
    let open = 0;
    let most = 0;
    const { client, pool } = world({
      size: 3,
      decode: async () => {
        open += 1;
        most = Math.max(most, open);
        await settle();
        open -= 1;
        return { batch: new Uint8Array(1), format: 'pprof', profiles: 1, warnings: [] };
      },
    });
    await new ImportJob(Array.from({ length: 40 }, (_, row) => fileOf(`${row}`)), { client, pool }).finished;
    expect(most).toBe(3);
  });

  it('waits with decoding while too much waits for its commit', async () => {
    let decoded = 0;
    const batch = STORING_BYTES / 2;
    const commits: (() => void)[] = [];
    const { client, pool } = world({
      size: 1,
      decode: async () => {
        decoded += 1;
        return { batch: new Uint8Array(batch), format: 'pprof', profiles: 1, warnings: [] };
      },
      ingest: async () => {
        await new Promise<void>((resolve) => commits.push(resolve));
        return receiptOf();
      },
    });
    const job = new ImportJob(Array.from({ length: 10 }, (_, row) => fileOf(`${row}`)), { client, pool });
    await settle();
    expect(decoded).toBe(3);
    while (job.running) {
      commits.shift()?.();
      await settle();
    }
    expect(job.summary().counts.saved).toBe(10);
  });

  it('stores a file once more when the engine crashed under it', async () => {
    let crashes = 1;
    const { client, pool } = world({
      ingest: async () => {
        crashes -= 1;
        if (crashes >= 0) throw new EngineError('engine-crashed', 'unreachable');
        return receiptOf();
      },
    });
    const job = new ImportJob([fileOf('a')], { client, pool });
    await job.finished;
    expect(statesOf(job)).toEqual({ a: 'saved' });
  });

  it('gives up a file that crashes the engine again', async () => {
    const { client, pool } = world({
      ingest: async () => {
        throw new EngineError('engine-crashed', 'unreachable');
      },
    });
    const job = new ImportJob([fileOf('a')], { client, pool });
    await job.finished;
    expect(statesOf(job)).toEqual({ a: 'failed' });
  });

  it('gives each file of an archive its line, after that of the archive', async () => {
    const sources: SourceInfo[] = [];
    const { client, pool } = world({
      members: { 'a.zip': [memberOf('a.zip/x'), memberOf('a.zip/bad', 'truncated'), memberOf('a.zip/notes', 'unrecognized-format')] },
      ingest: async (_batch, source) => {
        sources.push(source);
        return receiptOf();
      },
    });
    const job = new ImportJob([fileOf('a.zip'), fileOf('b')], { client, pool });
    await job.finished;
    expect(job.lines.map(({ path, state }) => [path, state])).toEqual([
      ['a.zip', 'unpacked'],
      ['a.zip/x', 'saved'],
      ['a.zip/bad', 'failed'],
      ['a.zip/notes', 'skipped'],
      ['b', 'saved'],
    ]);
    expect(sources.find(({ name }) => name === 'a.zip/x')).toMatchObject({ bytes: 100, modifiedMs: 7000 });
    expect(job.summary()).toMatchObject({ files: 5, done: 5, bytes: 6, bytesDone: 6 });
    expect(job.report()).toContain(', 1 unpacked\n');
  });

  it('reads an archive once more when the engine crashed under one of its files, and stores only that', async () => {
    const stored: string[] = [];
    let crashes = 1;
    const { client, pool } = world({
      members: { 'a.zip': [memberOf('a.zip/x'), memberOf('a.zip/y'), memberOf('a.zip/z')] },
      ingest: async (_batch, { name }) => {
        stored.push(name);
        if (name === 'a.zip/y' && crashes-- > 0) throw new EngineError('engine-crashed', 'unreachable');
        return receiptOf();
      },
    });
    const job = new ImportJob([fileOf('a.zip')], { client, pool });
    await job.finished;
    expect(statesOf(job)).toEqual({ 'a.zip': 'unpacked', 'a.zip/x': 'saved', 'a.zip/y': 'saved', 'a.zip/z': 'saved' });
    expect(stored).toEqual(['a.zip/x', 'a.zip/y', 'a.zip/z', 'a.zip/y']);
  });

  it('cancels one file, or all that are not stored', async () => {
    const { client, pool } = world({
      size: 1,
      decode: (_file, _name, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new EngineError('cancelled', 'cancelled')));
        }),
    });
    const job = new ImportJob([fileOf('a'), fileOf('b'), fileOf('c')], { client, pool });
    await settle();
    job.cancel(job.lines[1]);
    expect(statesOf(job)).toEqual({ a: 'decoding', b: 'cancelled', c: 'queued' });
    job.cancel();
    await job.finished;
    expect(statesOf(job)).toEqual({ a: 'cancelled', b: 'cancelled', c: 'cancelled' });
  });
});

describe('what an import shows', () => {
  it('is the service of the first file over all its files', () => {
    const receipts = [
      receiptOf({ from: 30n, until: 40n, stored: false }),
      receiptOf({ from: 10n, until: 20n, defaultType: 'heap' }),
      receiptOf({ service: 'other', from: 0n, until: 99n }),
    ];
    expect(coverOf(receipts)).toEqual({ service: 'shop', type: 'cpu', from: 10n, until: 40n });
    expect(coverOf([])).toBeNull();
  });
});
