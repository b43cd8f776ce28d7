import { describe, expect, it } from 'vitest';
import { CRASH_LIMIT, EngineClient } from '../../www/engine/client.ts';
import type { EngineStatus, Reply, Request } from '../../www/engine/protocol.ts';
import { FakeWorker, settle } from './fake-worker.ts';

const STATUS: EngineStatus = {
  state: 'saved', backend: 'memory', replica: null, connection: 'open', dropped: null, unsaved: null, role: 'alone', lastScrubMs: null, quarantined: 0,
  generation: 1, blocks: 0, storedBytes: 0, wasmBytes: 0,
};
const MODULE = {} as WebAssembly.Module;

type Answer = (request: Request, worker: FakeWorker) => Reply | null;

function opening(then: Answer = () => null): Answer {
  return (request, worker) => {
    if (request.method === 'init') return { id: request.id, result: 1 };
    if (request.method === 'open') return { id: request.id, result: STATUS };
    return then(request, worker);
  };
}

function clientWith(answer: Answer) {
  const workers: FakeWorker[] = [];
  const pauses: number[] = [];
  const client = new EngineClient({
    backend: 'memory',
    name: 'test',
    module: MODULE,
    startWorker: () => {
      const worker = new FakeWorker(answer);
      workers.push(worker);
      return worker;
    },
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
    },
  });
  return { client, workers, pauses };
}

describe('EngineClient', () => {
  it('sends the module, opens the database and matches answers to calls', async () => {
    const { client, workers } = clientWith(opening(({ id, method }) => (method === 'catalog' ? { id, result: `catalog ${id}` } : null)));
    const [one, two] = await Promise.all([client.call('catalog'), client.call('catalog')]);
    expect(one).not.toBe(two);
    expect(workers).toHaveLength(1);
    expect(workers[0]?.sent.map(({ method }) => method)).toEqual(['init', 'open', 'catalog', 'catalog']);
    expect(workers[0]?.sent[0]?.params[0]).toBe(MODULE);
    expect(workers[0]?.sent[1]?.params[0]).toEqual({ backend: 'memory', name: 'test', demangle: true });
    expect(client.phase).toBe('ready');
  });

  it('moves the batch of an ingest instead of copying it', async () => {
    const { client, workers } = clientWith(opening(({ id }) => ({ id, result: {} })));
    const batch = new Uint8Array(8);
    await client.call('ingest', batch, { name: 'a', bytes: 1, modifiedMs: null, importedMs: 0, labels: [], pathTemplate: null });
    expect(workers[0]?.transferred.at(-1)).toEqual([batch.buffer]);
  });

  it('gives errors their code and offset', async () => {
    const { client } = clientWith(opening(({ id }) => ({ id, error: { code: 'bad-selector', message: 'expected =', offset: 7 } })));
    await expect(client.call('catalog')).rejects.toMatchObject({ name: 'EngineError', code: 'bad-selector', offset: 7, message: 'expected =' });
    await expect(client.call('catalog')).rejects.toSatisfy((error: { describe(): string }) => error.describe() === 'expected = (bad-selector, at byte 7)');
  });

  it('refuses an engine of another protocol version', async () => {
    const { client } = clientWith(({ id }) => ({ id, result: 99 }));
    await expect(client.start()).rejects.toMatchObject({ code: 'protocol-mismatch' });
    expect(client.phase).toBe('failed');
  });

  it('passes events on', async () => {
    const { client, workers } = clientWith(opening());
    const heard: unknown[] = [];
    client.on('state', ({ state }) => heard.push(state));
    const stop = client.on('committed', ({ generation }) => heard.push(generation));
    await client.start();
    workers[0]?.say({ event: 'state', status: { ...STATUS, state: 'saving' } });
    workers[0]?.say({ event: 'committed', generation: 2 });
    stop();
    workers[0]?.say({ event: 'committed', generation: 3 });
    expect(heard).toEqual(['saved', 'saving', 2]);
  });

  it('rejects what is pending when the worker traps, starts a new one and opens the data again', async () => {
    const { client, workers } = clientWith(
      opening(({ id, method }) => {
        if (method === 'trap') return { id, error: { code: 'engine-crashed', message: 'unreachable', offset: null }, fatal: true };
        return method === 'catalog' ? { id, result: 'catalog' } : null;
      }),
    );
    const restarted = new Promise((resolve) => client.on('restarted', resolve));
    await client.start();
    const epoch = client.epoch;
    const stuck = client.call('status');
    const trap = client.call('trap');
    await expect(stuck).rejects.toMatchObject({ code: 'engine-crashed' });
    await expect(trap).rejects.toMatchObject({ code: 'engine-crashed' });
    // A call made while it restarts waits for the new worker.
    await expect(client.call('catalog')).resolves.toBe('catalog');
    await restarted;
    expect(workers).toHaveLength(2);
    expect(workers[0]?.terminated).toBe(true);
    expect(client.phase).toBe('ready');
    await expect(client.callIn(epoch, 'release', 1)).rejects.toMatchObject({ code: 'stale-handle' });
    await expect(client.callIn(client.epoch, 'catalog')).resolves.toBe('catalog');
  });

  it('remembers across a crash how names are shown, and tells when they change', async () => {
    const { client, workers } = clientWith(opening(({ id }) => ({ id, result: null })));
    const named: unknown[] = [];
    client.on('named', (event) => named.push(event));
    await client.setDemangle(false);
    expect(workers[0]?.sent.at(-1)).toMatchObject({ method: 'setDemangle', params: [false] });
    workers[0]?.say({ event: 'named', handle: 7 });
    expect(named).toEqual([{ handle: 7, epoch: client.epoch }]);
    const restarted = new Promise((resolve) => client.on('restarted', resolve));
    workers[0]?.fail('out of memory');
    await restarted;
    expect(workers[1]?.sent[1]).toMatchObject({ method: 'open', params: [{ demangle: false }] });
  });

  it('passes on how far a call is, and gives it up at once', async () => {
    const { client, workers } = clientWith(opening());
    const controller = new AbortController();
    const heard: unknown[] = [];
    const selection = { profileType: 'a', matchers: '{}', from: null, until: null };
    const asked = client.follow({ signal: controller.signal, onProgress: (progress) => heard.push(progress) }, 'query', selection);
    await settle();
    const [worker] = workers;
    const id = worker?.sent.at(-1)?.id ?? 0;
    worker?.say({ id, progress: { done: 3, total: 9 } });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect(worker?.sent.at(-1)).toMatchObject({ method: 'cancel', params: [id] });
    // What the worker still says of it is no news.
    worker?.say({ id, progress: { done: 4, total: 9 } });
    worker?.say({ id, error: { code: 'cancelled', message: 'given up', offset: null } });
    expect(heard).toEqual([{ done: 3, total: 9 }]);
    const late = client.follow({ signal: controller.signal }, 'query', selection);
    await expect(late).rejects.toMatchObject({ code: 'cancelled' });
    expect(worker?.sent.at(-1)).toMatchObject({ method: 'cancel' });
  });

  it('takes an error outside of a call as a crash', async () => {
    const { client, workers } = clientWith(opening());
    await client.start();
    const stuck = client.call('status');
    await settle();
    workers[0]?.fail('out of memory');
    await expect(stuck).rejects.toMatchObject({ code: 'engine-crashed', message: expect.stringContaining('out of memory') as string });
    await client.start();
    expect(workers).toHaveLength(2);
  });

  it('survives a crash while it opens', async () => {
    let lives = 0;
    const { client } = clientWith((request, worker) => {
      if (request.method === 'init') lives += 1;
      if (request.method === 'open' && lives === 1) {
        queueMicrotask(() => worker.fail('gone'));
        return null;
      }
      return opening()(request, worker);
    });
    await expect(client.start()).resolves.toEqual(STATUS);
    expect(lives).toBe(2);
  });

  it('gives up after too many crashes within a minute, with growing pauses before', async () => {
    const { client, workers, pauses } = clientWith(opening(({ id }) => ({ id, error: { code: 'engine-crashed', message: 'unreachable', offset: null }, fatal: true })));
    const failed = new Promise<{ error: { code: string } }>((resolve) => client.on('failed', resolve));
    await client.start();
    for (let crash = 1; crash <= CRASH_LIMIT; crash += 1) await expect(client.call('trap')).rejects.toMatchObject({ code: 'engine-crashed' });
    expect((await failed).error.code).toBe('engine-failed');
    expect(client.phase).toBe('failed');
    await expect(client.call('catalog')).rejects.toMatchObject({ code: 'engine-failed' });
    expect(workers).toHaveLength(CRASH_LIMIT);
    expect(pauses).toEqual([0, 250, 500, 1000]);
  });

  it('rejects what is pending when it is closed', async () => {
    const { client, workers } = clientWith(opening());
    await client.start();
    const stuck = client.call('status');
    await settle();
    client.close();
    await expect(stuck).rejects.toMatchObject({ code: 'closed' });
    await expect(client.call('status')).rejects.toMatchObject({ code: 'closed' });
    expect(workers[0]?.terminated).toBe(true);
  });
});
