import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineClient } from '../../www/engine/client.ts';
import type { EngineStatus, Selection } from '../../www/engine/protocol.ts';
import type { ShardAnswered, ShardAsked } from '../../www/engine/shard-protocol.ts';
import { ShardWorkers } from '../../www/engine/shard-workers.ts';
import { SHARD_BYTES, Shards } from '../../www/engine/shards.ts';
import { FakeWorker, settle } from './fake-worker.ts';

const SELECTION: Selection = { profileType: 'a:b:count::', matchers: '{}', from: null, until: null };
const PART = Uint8Array.of(1, 2, 3);

/** Engines at the other ends of ports, which answer as they are told. */
function engines(count: number, answer: (asked: ShardAsked) => Uint8Array | null | 'never') {
  const asked: ShardAsked[][] = [];
  const ports = Array.from({ length: count }, (_, row) => {
    const { port1, port2 } = new MessageChannel();
    asked[row] = [];
    port2.onmessage = ({ data }: MessageEvent<ShardAsked>) => {
      asked[row]?.push(data);
      const part = answer(data);
      if ('id' in data && part !== 'never') port2.postMessage({ id: data.id, part } satisfies ShardAnswered);
    };
    return port1;
  });
  return { ports, asked };
}

function shardsOf(count: number) {
  const host = { want: vi.fn(), release: vi.fn() };
  const shards = new Shards(count, SHARD_BYTES, host);
  const controller = new AbortController();
  return { host, shards, controller, watch: shards.watch(SELECTION, controller.signal, () => undefined) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle();
}

afterEach(() => vi.useRealTimers());

describe('Shards', () => {
  it('asks others only about what is worth it', () => {
    const { watch } = shardsOf(3);
    expect(watch.others(SHARD_BYTES - 1)).toBe(0);
    expect(watch.others(SHARD_BYTES)).toBe(3);
  });

  it('asks for workers when the first query needs them, once, and asks each for its shard', async () => {
    const { host, shards, watch } = shardsOf(2);
    const parts = [watch.part(1, 3, 7), watch.part(2, 3, 7)];
    expect(host.want).toHaveBeenCalledTimes(1);
    const { ports, asked } = engines(2, () => PART);
    shards.take(ports);
    expect(await Promise.all(parts)).toEqual([PART, PART]);
    expect(asked.map((of) => of.map((each) => ('index' in each ? [each.index, each.of, each.generation, each.selection] : [])))).toEqual([
      [[1, 3, 7, SELECTION]],
      [[2, 3, 7, SELECTION]],
    ]);
    expect(await watch.part(1, 3, 8)).toEqual(PART);
    expect(host.want).toHaveBeenCalledTimes(1);
    shards.drop();
  });

  it('has no part of workers that are gone or never came, and asks for new ones', async () => {
    const { host, shards, watch } = shardsOf(1);
    const never = watch.part(1, 2, 1);
    shards.drop();
    expect(await never).toBeNull();
    const lost = watch.part(1, 2, 1);
    expect(host.want).toHaveBeenCalledTimes(2);
    const { ports, asked } = engines(1, () => 'never');
    shards.take(ports);
    await until(() => asked[0]?.length === 1);
    shards.drop();
    expect(await lost).toBeNull();
    const fewer = watch.part(1, 2, 1);
    shards.take([]);
    expect(await fewer).toBeNull();
  });

  it('gives up what the query gives up', async () => {
    const { shards, watch, controller } = shardsOf(1);
    const { ports, asked } = engines(1, () => 'never');
    shards.take(ports);
    const part = watch.part(1, 2, 1);
    await until(() => asked[0]?.length === 1);
    controller.abort();
    expect(await part).toBeNull();
    await until(() => asked[0]?.length === 2);
    expect(asked[0]?.[1]).toEqual({ cancel: (asked[0]?.[0] as { id: number }).id });
    shards.drop();
  });

  it('lets workers go that nobody needed for a minute', async () => {
    const { host, shards, watch } = shardsOf(1);
    const { ports } = engines(1, () => PART);
    shards.take(ports);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await watch.part(1, 2, 1);
    vi.advanceTimersByTime(59_000);
    await watch.part(1, 2, 2);
    vi.advanceTimersByTime(59_000);
    expect(host.release).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(host.release).toHaveBeenCalledTimes(1);
    void watch.part(1, 2, 3);
    expect(host.want).toHaveBeenCalledTimes(1);
    shards.drop();
  });
});

describe('ShardWorkers', () => {
  function workersOf(count: number, { version = 1, backend = 'indexeddb' }: { version?: number; backend?: 'indexeddb' | 'memory' } = {}) {
    const started: FakeWorker[] = [];
    const sent: [method: string, params: unknown[]][] = [];
    const workers = new ShardWorkers({
      place: { backend, name: 'test' },
      module: {},
      sharding: { workers: count },
      send: async (method, params) => void sent.push([method, params]),
      startWorker: () => {
        const worker = new FakeWorker(({ id, method }) => ({ id, result: method === 'init' ? version : null }));
        started.push(worker);
        return worker;
      },
    });
    return { workers, started, sent, methods: () => sent.map(([method]) => method) };
  }

  it('opens the storage in each and gives a port of each to the engine', async () => {
    const { workers, started, sent } = workersOf(2);
    await workers.opened();
    await workers.start();
    await settle();
    expect(sent).toMatchObject([['shard', [{ workers: 2 }]], ['addShards', [{ length: 2 }]]]);
    expect(started.map(({ sent }) => sent.map(({ method }) => method))).toEqual([['init', 'serve'], ['init', 'serve']]);
    expect(started[0]?.sent[1]?.params[0]).toEqual({ backend: 'indexeddb', name: 'test' });
    expect(started[0]?.transferred[1]).toEqual([started[0]?.sent[1]?.params[1]]);
    workers.stop();
    expect(started.every(({ terminated }) => terminated)).toBe(true);
  });

  it('ends all when one fails, and starts none any more after the third time until that is chosen anew', async () => {
    const { workers, started, methods } = workersOf(2);
    for (let times = 1; times <= 3; times += 1) {
      await workers.start();
      started.at(-1)?.fail('no memory');
      expect(methods()).toHaveLength(2 * times);
      expect(methods().at(-1)).toBe('dropShards');
    }
    expect(started.every(({ terminated }) => terminated)).toBe(true);
    expect(started).toHaveLength(6);
    await workers.start();
    await workers.opened();
    expect(started).toHaveLength(6);
    expect(methods()).toHaveLength(7);
    workers.choose({ workers: 1 });
    await workers.start();
    expect(started).toHaveLength(7);
  });

  it('takes none of another version', async () => {
    const { workers, methods } = workersOf(1, { version: 99 });
    await workers.start();
    await settle();
    expect(methods()).toEqual(['addShards', 'dropShards']);
  });

  it('starts none that were stopped before they could be', async () => {
    const { workers, started, methods } = workersOf(1);
    const starting = workers.start();
    workers.stop();
    await starting;
    expect(started).toHaveLength(0);
    expect(methods()).toEqual([]);
  });

  it('has none for what one worker has in memory', async () => {
    const { workers, sent } = workersOf(1, { backend: 'memory' });
    await workers.opened();
    expect(sent).toEqual([]);
    workers.choose({ workers: 1 });
    await workers.tell();
    expect(sent).toEqual([['shard', [null]]]);
  });
});

describe('an EngineClient whose queries are sharded', () => {
  const STATUS: EngineStatus = {
    state: 'saved', backend: 'indexeddb', replica: null, connection: 'open', dropped: null, unsaved: null, role: 'alone', lastScrubMs: null, quarantined: 0,
    generation: 1, blocks: 0, storedBytes: 0, wasmBytes: 0,
  };

  function clientOf() {
    const engine = new FakeWorker(({ id, method }) => ({ id, result: method === 'init' ? 1 : STATUS }));
    const shards: FakeWorker[] = [];
    const client = new EngineClient({
      backend: 'indexeddb',
      name: 'test',
      module: {},
      shards: { workers: 2, fromBytes: 5 },
      startWorker: () => engine,
      startShardWorker: () => {
        const worker = new FakeWorker(({ id, method }) => ({ id, result: method === 'init' ? 1 : null }));
        shards.push(worker);
        return worker;
      },
    });
    return { client, engine, shards };
  }

  it('starts workers when the engine wants them, hands their ports over, and tells of their end', async () => {
    const { client, engine, shards } = clientOf();
    await client.start();
    expect(engine.sent.map(({ method }) => method)).toEqual(['init', 'open', 'shard']);
    expect(engine.sent[2]?.params).toEqual([{ workers: 2, fromBytes: 5 }]);
    expect(shards).toHaveLength(0);
    engine.say({ event: 'wantsShards' });
    await until(() => engine.sent.length === 4);
    expect(engine.sent[3]?.method).toBe('addShards');
    expect(engine.transferred[3]).toEqual(engine.sent[3]?.params[0]);
    expect(engine.transferred[3]).toHaveLength(2);
    shards[1]?.say({ id: 0, error: { code: 'internal', message: 'unreachable', offset: null }, fatal: true });
    expect(engine.sent[4]?.method).toBe('dropShards');
    engine.say({ event: 'wantsShards' });
    await until(() => engine.sent.length === 6);
    engine.say({ event: 'shardsIdle' });
    expect(shards).toHaveLength(4);
    expect(shards.every(({ terminated }) => terminated)).toBe(true);
    engine.say({ event: 'wantsShards' });
    await until(() => shards.length === 6);
    await client.setSharding(null);
    expect(engine.sent.at(-1)).toMatchObject({ method: 'shard', params: [null] });
    expect(shards.every(({ terminated }) => terminated)).toBe(true);
    client.close();
  });
});
