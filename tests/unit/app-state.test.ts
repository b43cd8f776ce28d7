import { describe, expect, it } from 'vitest';
import { defaultSelection, initialState } from '../../www/app/state/app-state.ts';
import { selectionOf, timeLineRange } from '../../www/app/state/queries.ts';
import { Store } from '../../www/app/state/store.ts';
import { CATALOG } from './catalog.ts';

describe('what shows when the address says nothing', () => {
  it('is the service imported last with its default type', () => {
    expect(defaultSelection(CATALOG, 'shop')).toEqual({ service: 'shop', type: 'shop:a:count::' });
  });

  it('is else the first service, with its last type where none is the default', () => {
    expect(defaultSelection(CATALOG, null)).toEqual({ service: 'checkout', type: 'checkout:b:count::' });
    expect(defaultSelection(CATALOG, 'deleted')?.service).toBe('checkout');
    expect(defaultSelection({ ...CATALOG, services: [] }, 'shop')).toBeNull();
  });
});

describe('a selection', () => {
  it('takes relative times from the end of the shown type', () => {
    const state = initialState();
    const view = { ...state.view, service: 'shop', type: 'shop:a:count::', match: 'region="eu"', from: 'end-5m' };
    expect(selectionOf({ ...state, catalog: CATALOG, view })).toEqual({
      profileType: 'shop:a:count::',
      matchers: '{service_name="shop", region="eu"}',
      filters: [],
      from: 200n - 300_000_000_000n,
      until: null,
    });
  });

  it('gives a single profile room on the time line', () => {
    const { from, until } = timeLineRange(1_000_000_000_000n, 1_000_000_000_001n);
    expect(until - from).toBeGreaterThanOrEqual(59_000_000_000n);
    expect(from < 1_000_000_000_000n && until > 1_000_000_000_001n).toBe(true);
  });
});

describe('Store', () => {
  it('tells listeners once for changes made together, and not for none', async () => {
    const store = new Store({ a: 1, b: 2 });
    const heard: object[] = [];
    const stop = store.subscribe((state) => heard.push(state));
    store.set({ a: 2 });
    store.set({ b: 3 });
    store.set({ b: 3 });
    expect(store.state).toEqual({ a: 2, b: 3 });
    await Promise.resolve();
    store.set({ a: 2 });
    await Promise.resolve();
    expect(heard).toEqual([{ a: 2, b: 3 }]);
    stop();
    store.set({ a: 9 });
    await Promise.resolve();
    expect(heard).toHaveLength(1);
  });
});
