import { describe, expect, it } from 'vitest';
import type { EngineClient, Following } from '../../www/engine/client.ts';
import type { QueryResult, Selection } from '../../www/engine/protocol.ts';
import { initialState } from '../../www/app/state/app-state.ts';
import type { AppState } from '../../www/app/state/app-state.ts';
import { NoticeBoard } from '../../www/app/state/notices.ts';
import { Queries } from '../../www/app/state/queries.ts';
import { Store } from '../../www/app/state/store.ts';
import { settle } from './fake-worker.ts';

interface Asked {
  method: string;
  selection: Selection;
  following: Following;
  answer(result: QueryResult): void;
}

function result(handle: number, profiles: number): QueryResult {
  return {
    handle, profiles, profileType: 'shop:a:count::', sampleType: 'a', unit: 'count', aggregation: 'sum', total: BigInt(profiles), scale: 0, nodes: 1,
    functions: 1, topFrom: 'stacks', depth: 1, negative: false, view: 'flame', baseTotal: null, missing: null, widened: null, elapsedMs: 1,
  };
}

/** Queries over an engine whose answers the test gives. */
function asking(callIn = async (method: string): Promise<unknown> => await Promise.resolve(method === 'resolve' ? null : [])): { store: Store<AppState>; queries: Queries; asked: Asked[] } {
  const asked: Asked[] = [];
  const client = {
    epoch: 1,
    follow: async (following: Following, method: string, selection: Selection) =>
      await new Promise((resolve, reject) => {
        following.signal?.addEventListener('abort', () => reject(new Error('given up')));
        asked.push({ method, selection, following, answer: resolve });
      }),
    call: async () => await new Promise(() => undefined),
    callIn: (_epoch: number, method: string) => callIn(method),
  } as unknown as EngineClient;
  const state = initialState();
  const type = { id: 'shop:a:count::', sampleType: 'a', unit: 'count', aggregation: 'sum' as const, profiles: 9, from: 1n, until: 2n, isDefault: true };
  const catalog = { generation: 1, profiles: 9, storedBytes: 1, damaged: [], services: [{ name: 'shop', profiles: 9, from: 1n, until: 2n, types: [type] }] };
  const store = new Store<AppState>({ ...state, catalog, view: { ...state.view, service: 'shop', type: type.id } });
  return { store, queries: new Queries(store, client, new NoticeBoard(store)), asked };
}

describe('a query that takes long', () => {
  it('says how far it is, shows what there is, and then all of it', async () => {
    const { store, queries, asked } = asking();
    queries.update();
    asked[0]?.following.onProgress?.({ done: 2, total: 9 });
    expect(store.state.reading).toEqual({ done: 2, total: 9, stopped: false, of: 'profiles' });
    expect(store.state.result).toMatchObject({ loading: true, value: null });
    asked[0]?.following.onProgress?.({ done: 4, total: 9, partial: result(7, 4) });
    await settle();
    expect(store.state.result).toMatchObject({ loading: true, value: { result: { handle: 7, profiles: 4 } } });
    asked[0]?.answer(result(8, 9));
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, value: { result: { handle: 8, profiles: 9 } } });
    expect(store.state.reading).toBeNull();
  });

  it('is stopped, keeps what it has, and goes on when asked', async () => {
    const { store, queries, asked } = asking();
    queries.update();
    asked[0]?.following.onProgress?.({ done: 4, total: 9, partial: result(7, 4) });
    await settle();
    asked[0]?.following.onProgress?.({ done: 5, total: 9 });
    queries.stop();
    await settle();
    expect(asked[0]?.following.signal?.aborted).toBe(true);
    expect(store.state.reading).toEqual({ done: 4, total: 9, stopped: true, of: 'profiles' });
    expect(store.state.result).toMatchObject({ loading: false, error: null, value: { result: { handle: 7 } } });
    // Nothing runs until the person says so.
    queries.update();
    expect(asked).toHaveLength(1);
    queries.invalidate();
    queries.update();
    expect(asked).toHaveLength(2);
    expect(store.state.reading).toBeNull();
  });

  it('says that it was stopped where it has nothing yet', async () => {
    const { store, queries, asked } = asking();
    queries.update();
    asked[0]?.following.onProgress?.({ done: 1, total: 9 });
    queries.stop();
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, value: null, error: { code: 'cancelled' } });
    expect(store.state.reading).toBeNull();
  });

  it('is given up for the next question, whose answer is shown', async () => {
    const { store, queries, asked } = asking();
    queries.update();
    store.set({ view: { ...store.state.view, match: 'region="eu"' } });
    queries.update();
    expect(asked.map(({ following }) => following.signal?.aborted)).toEqual([true, false]);
    asked[0]?.following.onProgress?.({ done: 1, total: 9, partial: result(7, 1) });
    asked[1]?.answer(result(9, 3));
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, value: { result: { handle: 9 } } });
    expect(store.state.reading).toBeNull();
  });
});

describe('a zoom that fails', () => {
  it('says so, unless something else is shown by then', async () => {
    const fails: ((error: Error) => void)[] = [];
    const { store, queries, asked } = asking((method) => (method === 'resolve' ? new Promise((_resolve, reject) => fails.push(reject)) : Promise.resolve([])));
    queries.update();
    asked[0]?.answer(result(8, 9));
    await settle();
    const zoomTo = async (name: string): Promise<void> => {
      store.set({ view: { ...store.state.view, zoom: [name] } });
      queries.update();
      await settle();
    };
    await zoomTo('main');
    store.set({ view: { ...store.state.view, zoom: [], match: 'region="eu"' } });
    queries.update();
    asked[1]?.answer(result(9, 3));
    await settle();
    fails[0]?.(new Error('gone'));
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, error: null, value: { result: { handle: 9 } } });
    await zoomTo('main');
    fails[1]?.(new Error('gone'));
    await settle();
    expect(store.state.result).toMatchObject({ error: { message: 'gone' }, value: { result: { handle: 9 } } });
  });
});

describe('a graph that takes long', () => {
  async function inverting(): Promise<ReturnType<typeof asking>> {
    const all = asking();
    all.queries.update();
    all.asked[0]?.answer(result(8, 9));
    await settle();
    all.store.set({ view: { ...all.store.state.view, graph: 'inverted' } });
    all.queries.update();
    await settle();
    return all;
  }

  it('is given up for another one', async () => {
    const { store, queries, asked } = await inverting();
    expect(asked.map(({ method }) => method)).toEqual(['query', 'derive']);
    store.set({ view: { ...store.state.view, graph: 'sandwich', pivot: 'main' } });
    queries.update();
    await settle();
    expect(asked.map(({ following }) => following.signal?.aborted)).toEqual([false, true, false]);
    expect(store.state.notices).toEqual([]);
  });

  it('says so, and is stopped by the person, who goes on with the result as it is', async () => {
    const { store, queries, asked } = await inverting();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(store.state.reading).toMatchObject({ of: 'graph' });
    queries.stop();
    await settle();
    expect(asked[1]?.following.signal?.aborted).toBe(true);
    expect(store.state.reading).toBeNull();
    expect(store.state.result).toMatchObject({ loading: false, error: null, value: { lacks: 'graph', flame: { handle: 8 } } });
    // Nothing is made until the person says so.
    queries.update();
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('is shown though names changed while it was made', async () => {
    const { store, queries, asked } = await inverting();
    queries.renamed(1, 8);
    asked[1]?.answer(result(9, 9));
    await settle();
    expect(asked.map(({ method }) => method)).toEqual(['query', 'derive', 'derive']);
    asked[2]?.answer(result(10, 9));
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, error: null, value: { result: { handle: 8 }, flame: { handle: 10 } } });
    expect(store.state.notices).toEqual([]);
  });

  it('is given up for the one that is shown, and made when it is asked for again', async () => {
    const { store, queries, asked } = await inverting();
    const show = async (graph: 'icicle' | 'inverted'): Promise<void> => {
      store.set({ view: { ...store.state.view, graph } });
      queries.update();
      await settle();
    };
    await show('icicle');
    expect(asked.map(({ following }) => following.signal?.aborted)).toEqual([false, true]);
    await show('inverted');
    expect(asked.map(({ method }) => method)).toEqual(['query', 'derive', 'derive']);
    asked[2]?.answer(result(10, 9));
    await settle();
    expect(store.state.result).toMatchObject({ loading: false, error: null, value: { flame: { handle: 10 } } });
    expect(store.state.notices).toEqual([]);
  });
});
