import { describe, expect, it } from 'vitest';
import type { EngineClient, Following } from '../../www/engine/client.ts';
import { EngineError } from '../../www/engine/errors.ts';
import type { Catalog, CatalogType, Selection } from '../../www/engine/protocol.ts';
import { initialState } from '../../www/app/state/app-state.ts';
import type { AppState } from '../../www/app/state/app-state.ts';
import { Comparison } from '../../www/app/state/compare.ts';
import { DEFAULT_VIEW } from '../../www/app/state/view.ts';
import type { View } from '../../www/app/state/view.ts';

const TYPE = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

function state(view: Partial<View> = {}): AppState {
  const type = { id: TYPE, from: 0n, until: 3_600_000_000_000n, unit: 'nanoseconds', profiles: 100, isDefault: true } as unknown as CatalogType;
  const catalog = { generation: 1, services: [{ name: 'shop', profiles: 100, types: [type] }] } as unknown as Catalog;
  return { ...initialState(), catalog, view: { ...DEFAULT_VIEW, page: 'compare', service: 'shop', type: TYPE, baseService: 'shop', ...view } };
}

/** A client whose queries answer when told to. */
function asking(): { client: EngineClient; selections: Selection[]; following: Following[]; answer: (profiles: number) => Promise<void>; released: number[] } {
  const selections: Selection[] = [];
  const following: Following[] = [];
  const waiting: ((profiles: number) => void)[] = [];
  const released: number[] = [];
  let handles = 0;
  const follow = (how: Following, method: string, selection: Selection): Promise<unknown> => {
    if (method === 'series') return Promise.resolve({ start: 0n, step: 1n, values: [], profiles: [], missing: null });
    selections.push(selection);
    following.push(how);
    return new Promise((resolve, reject) => {
      waiting.push((profiles) => resolve({ handle: (handles += 1), profiles, total: 1n }));
      how.signal?.addEventListener('abort', () => reject(new EngineError('cancelled', 'given up')));
    });
  };
  const call = async (method: string, handle: number): Promise<unknown> => (method === 'release' ? released.push(handle) : { profiles: 0, rollups: 0, rolledUp: 0, rowBytes: 0 });
  const callIn = async (_epoch: number, method: string): Promise<unknown> => (method === 'derive' ? { handle: (handles += 1) } : method === 'resolve' ? 9 : undefined);
  const answer = async (profiles: number): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve(profiles);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { client: { epoch: 1, follow, call, callIn } as unknown as EngineClient, selections, following, answer, released };
}

describe('a comparison', () => {
  it('looks at both sides through the same filters, unless the base has its own', async () => {
    const { client, selections, answer } = asking();
    const comparison = new Comparison(() => client);
    comparison.update(state({ filters: ['hide:x'] }));
    await answer(1);
    expect(selections.map(({ filters }) => filters)).toEqual([['hide:x'], ['hide:x']]);
    comparison.update(state({ filters: ['hide:x'], baseFilters: [] }));
    await answer(1);
    expect(selections.slice(2).map(({ filters }) => filters)).toEqual([[], ['hide:x']]);
    comparison.update(state({ filters: ['hide:x'], baseFilters: [] }));
    expect(selections.length, 'the same question is not asked again').toBe(4);
  });

  it('says how far both sides are; what is stopped can be asked again', async () => {
    const { client, following, answer, released } = asking();
    const comparison = new Comparison(() => client);
    comparison.update(state());
    following[0]?.onProgress?.({ done: 10, total: 400 });
    following[1]?.onProgress?.({ done: 5, total: 100, partial: { handle: 77 } } as unknown as Parameters<NonNullable<Following['onProgress']>>[0]);
    expect(comparison.store.state.reading).toEqual({ done: 15, total: 500 });
    expect(released, 'parts are not shown, and not kept').toEqual([77]);
    comparison.stop();
    await answer(1);
    expect(comparison.store.state.answer.error).toMatchObject({ code: 'cancelled', message: 'the comparison was stopped' });
    expect(comparison.store.state.reading).toBeNull();
    comparison.retry(state());
    await answer(3);
    expect(comparison.store.state.answer.value?.diff?.result.handle).toBeGreaterThan(0);
  });

  it('goes on to what is asked last', async () => {
    const { client, following, answer } = asking();
    const comparison = new Comparison(() => client);
    comparison.update(state());
    comparison.update(state({ absolute: true }));
    expect(following.slice(0, 2).map(({ signal }) => signal?.aborted)).toEqual([true, true]);
    await answer(2);
    expect(comparison.store.state.answer).toMatchObject({ loading: false, error: null });
  });

  it('has no difference where a side has no profiles', async () => {
    const { client, answer } = asking();
    const comparison = new Comparison(() => client);
    comparison.update(state());
    await answer(0);
    expect(comparison.store.state.answer.value?.diff).toBeNull();
    expect(comparison.significance.store.state.test).toEqual({ state: 'none' });
  });

  it('follows the zoom of the address', async () => {
    const { client, answer } = asking();
    const comparison = new Comparison(() => client);
    comparison.update(state());
    await answer(1);
    expect(comparison.store.state.focus).toBe(0);
    comparison.update(state({ zoom: ['main', 'parse'] }));
    await answer(1);
    expect(comparison.store.state.focus).toBe(9);
    comparison.update(state());
    await answer(1);
    expect(comparison.store.state.focus).toBe(0);
  });
});
