import { describe, expect, it } from 'vitest';
import { DecodePool, poolSize } from '../../www/engine/decode-pool.ts';
import type { Member, Request } from '../../www/engine/protocol.ts';
import { FakeWorker, settle } from './fake-worker.ts';

const MODULE = {} as WebAssembly.Module;

function memberOf(name: string, archived = false): Member {
  const decoded = { batch: new TextEncoder().encode(name), format: 'pprof', profiles: 1, warnings: [] };
  return { name, bytes: 1, modifiedMs: null, archived, decoded, error: null };
}

/** The file itself, or the first member, once all are decoded. */
async function decode(pool: DecodePool, ...params: Parameters<DecodePool['decode']>): Promise<Member | undefined> {
  const members: Member[] = [];
  for await (const member of pool.decode(...params)) members.push(member);
  return members[0];
}

/** A pool whose workers answer as `decode` says; null leaves a file open. */
function poolOf(size: number, decode: (request: Request, worker: FakeWorker) => ReturnType<ConstructorParameters<typeof FakeWorker>[0]>) {
  const workers: FakeWorker[] = [];
  const pool = new DecodePool({
    module: () => Promise.resolve(MODULE),
    size,
    startWorker: () => {
      const worker = new FakeWorker((request, self) => {
        if (request.method === 'init') return { id: request.id, result: 1 };
        return request.method === 'next' ? { id: request.id, result: null } : decode(request, self);
      });
      workers.push(worker);
      return worker;
    },
  });
  return { pool, workers };
}

describe('DecodePool', () => {
  it('leaves a core to the page', () => {
    expect([1, 2, 3, 4, 16].map(poolSize)).toEqual([1, 1, 2, 3, 4]);
  });

  it('starts no worker before the first file and never more than its size', async () => {
    const { pool, workers } = poolOf(2, ({ id, params }) => ({ id, result: memberOf(params[1] as string) }));
    expect(workers).toHaveLength(0);
    const names = Array.from({ length: 20 }, (_, row) => `file ${row}`);
    const decoded = await Promise.all(names.map((name) => decode(pool, new Blob([name]), name)));
    expect(decoded.map((member) => new TextDecoder().decode(member?.decoded?.batch))).toEqual(names);
    expect(workers).toHaveLength(2);
  });

  it('warms one worker, which then takes the first file', async () => {
    const { pool, workers } = poolOf(2, ({ id, params }) => ({ id, result: memberOf(params[1] as string) }));
    pool.warm();
    pool.warm();
    await settle();
    expect(workers).toHaveLength(1);
    await decode(pool, new Blob(['a']), 'a');
    expect(workers).toHaveLength(1);
  });

  it('tells progress', async () => {
    const { pool } = poolOf(1, ({ id }, worker) => {
      worker.say({ id, progress: { done: 1, total: 4 } });
      worker.say({ id, progress: { done: 2, total: 4 } });
      return { id, result: memberOf('') };
    });
    const told: string[] = [];
    await decode(pool, new Blob(), 'a', { onProgress: ({ done, total }) => told.push(`${done}/${total}`) });
    expect(told).toEqual(['1/4', '2/4']);
  });

  it('ends the worker of a cancelled file and goes on with the next in a new one', async () => {
    const { pool, workers } = poolOf(1, ({ id, params }) => (params[1] === 'stuck' ? null : { id, result: memberOf('') }));
    const abort = new AbortController();
    const stuck = decode(pool, new Blob(), 'stuck', { signal: abort.signal });
    const next = decode(pool, new Blob(), 'next');
    await settle();
    abort.abort();
    await expect(stuck).rejects.toMatchObject({ code: 'cancelled' });
    await expect(next).resolves.toMatchObject({ decoded: { format: 'pprof' } });
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
  });

  it('takes a waiting file out of the queue without ending a worker', async () => {
    const { pool, workers } = poolOf(1, () => null);
    const abort = new AbortController();
    decode(pool, new Blob(), 'first').catch(() => undefined);
    const waiting = decode(pool, new Blob(), 'second', { signal: abort.signal });
    await settle();
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers[0]?.terminated).toBe(false);
    pool.close();
  });

  it('blames a trap on the file alone', async () => {
    const { pool, workers } = poolOf(1, ({ id, params }) =>
      params[1] === 'bad'
        ? { id, error: { code: 'decoder-crashed', message: 'unreachable', offset: null }, fatal: true }
        : { id, result: memberOf('') },
    );
    const bad = decode(pool, new Blob(), 'bad');
    const good = decode(pool, new Blob(), 'good');
    await expect(bad).rejects.toMatchObject({ code: 'decoder-crashed' });
    await expect(good).resolves.toMatchObject({ decoded: { format: 'pprof' } });
    expect(workers).toHaveLength(2);
  });

  it('passes the decoder’s error on and keeps the worker', async () => {
    const { pool, workers } = poolOf(1, ({ id }) => ({ id, error: { code: 'truncated', message: 'ends early', offset: 12 } }));
    await expect(decode(pool, new Blob(), 'a')).rejects.toMatchObject({ code: 'truncated', offset: 12 });
    await expect(decode(pool, new Blob(), 'b')).rejects.toMatchObject({ code: 'truncated' });
    expect(workers).toHaveLength(1);
  });

  it('loads the module when the first file comes, and again when that failed', async () => {
    const answers: (() => Promise<WebAssembly.Module>)[] = [() => Promise.reject(new Error('404')), () => Promise.resolve(MODULE)];
    let loads = 0;
    const pool = new DecodePool({
      module: () => {
        loads += 1;
        return answers.shift()?.() ?? Promise.reject(new Error('asked too often'));
      },
      size: 2,
      startWorker: () => new FakeWorker(({ id, method, params }) => ({ id, result: method === 'init' ? 1 : method === 'next' ? null : memberOf(String(params[1])) })),
    });
    expect(loads).toBe(0);
    const refused = ['a', 'b'].map((name) => decode(pool, new Blob(), name));
    for (const file of refused) await expect(file).rejects.toMatchObject({ code: 'internal', message: '404' });
    await Promise.all(['c', 'd'].map((name) => decode(pool, new Blob(), name)));
    expect(loads).toBe(2);
  });

  it('writes a batch in the worker it moves to', async () => {
    const { pool, workers } = poolOf(1, ({ id, method, params }) => ({ id, result: [method, ...params] }));
    const batch = new Uint8Array([1, 2]);
    expect(await pool.encode(batch, 'folded')).toEqual(['encode', batch, 'folded', {}]);
    expect(workers[0]?.transferred.at(-1)).toEqual([batch.buffer]);
  });

  it('rejects what is under way when it is closed', async () => {
    const { pool } = poolOf(1, () => null);
    const stuck = decode(pool, new Blob(), 'a');
    await settle();
    pool.close();
    await expect(stuck).rejects.toMatchObject({ code: 'closed' });
    await expect(decode(pool, new Blob(), 'b')).rejects.toMatchObject({ code: 'closed' });
  });

  it('decodes the next member when it is asked for, and ends the worker of an archive that nobody wants more of', async () => {
    const asked: string[] = [];
    const workers: FakeWorker[] = [];
    const pool = new DecodePool({
      module: () => Promise.resolve(MODULE),
      size: 1,
      startWorker: () => {
        const worker = new FakeWorker(({ id, method }) => {
          asked.push(method);
          return { id, result: method === 'init' ? 1 : asked.filter((each) => each === 'next').length > 2 ? null : memberOf(method, true) };
        });
        workers.push(worker);
        return worker;
      },
    });
    const names: string[] = [];
    for await (const { name } of pool.decode(new Blob(), 'a.zip')) {
      names.push(name);
      await settle();
      expect(asked).toHaveLength(names.length + 1);
    }
    expect(names).toEqual(['decode', 'next', 'next']);
    asked.length = 0;
    for await (const { name } of pool.decode(new Blob(), 'b.zip')) {
      expect(name).toBe('decode');
      break;
    }
    expect(workers.map(({ terminated }) => terminated)).toEqual([true]);
    const abort = new AbortController();
    const open = pool.decode(new Blob(), 'c.zip', { signal: abort.signal });
    await open.next();
    abort.abort();
    await expect(open.next()).rejects.toMatchObject({ code: 'cancelled' });
    pool.close();
  });
});
