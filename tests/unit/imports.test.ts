import { describe, expect, it, vi } from 'vitest';
import { defaultSelection, initialState } from '../../www/app/state/app-state.ts';
import { Imports } from '../../www/app/state/imports.ts';
import { Store } from '../../www/app/state/store.ts';
import { patched } from '../../www/app/state/view.ts';
import type { EngineClient } from '../../www/engine/client.ts';
import type { DecodePool } from '../../www/engine/decode-pool.ts';
import { importFile } from '../../www/engine/import-files.ts';
import type { Catalog, IngestReceipt } from '../../www/engine/protocol.ts';
import { CATALOG } from './catalog.ts';

const RECEIPT: IngestReceipt = { stored: true, service: 'shop', defaultType: 'shop:a:count::', from: 110n, until: 120n, profiles: 1, timeSource: 'file' };

/** A tab whose catalog is read when the test lets it. */
function world(isReadable = true) {
  const store = new Store({ ...initialState(), aside: true, catalog: null as Catalog | null });
  const reads: (() => void)[] = [];
  const navigate = vi.fn((patch: Parameters<typeof patched>[1]) => store.set({ view: patched(store.state.view, patch) }));
  const call = async (method: string): Promise<unknown> => (method === 'ingest' ? RECEIPT : undefined);
  const imports = new Imports({
    store,
    client: () => ({ call }) as unknown as EngineClient,
    pool: {
      size: 1,
      decode: async function* (file: Blob, name: string) {
        if (!isReadable) throw new Error('no profile');
        const decoded = { batch: new Uint8Array(1), format: 'pprof', profiles: 1, warnings: [] };
        yield { name, bytes: file.size, modifiedMs: null, archived: false, decoded, error: null };
      },
    } as unknown as DecodePool,
    refreshCatalog: () =>
      new Promise<void>((resolve) => {
        reads.push(() => {
          store.set({ catalog: CATALOG });
          resolve();
        });
      }),
    navigate,
    showSomething: () => navigate(defaultSelection(CATALOG, null) ?? {}),
    report: (thrown) => {
      throw thrown;
    },
  });
  const files = (...names: string[]) => names.map((name) => importFile(new File(['x'], name), name));
  /** Lets the catalog be read until nobody asks for it any more. */
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 20; quiet += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      if (reads.length > 0) quiet = 0;
      for (const read of reads.splice(0)) read();
    }
  };
  return { store, imports, reads, navigate, files, settled };
}

describe('what an import shows', () => {
  it('is its service over its time', async () => {
    const { store, imports, files, settled } = world();
    imports.start(files('a', 'b'));
    await settled();
    expect(store.state.view).toMatchObject({ service: 'shop', type: 'shop:a:count::' });
    expect(store.state.view.from).not.toBe('');
  });

  it('never takes a person back who has gone elsewhere meanwhile', async () => {
    const { store, imports, reads, navigate, files, settled } = world();
    store.set({ catalog: CATALOG, view: patched(store.state.view, { service: 'shop', type: 'shop:a:count::' }) });
    const job = imports.start(files('a', 'b', 'c'));
    await job?.finished;
    await vi.waitFor(() => expect(reads).toHaveLength(1));
    store.set({ view: patched(store.state.view, { service: 'checkout', type: 'checkout:a:count::' }) });
    await settled();
    expect(store.state.view).toMatchObject({ service: 'checkout', type: 'checkout:a:count::' });
    expect(navigate).not.toHaveBeenCalled();
  });

  it('is what is stored where nothing of it has a service and nothing was shown', async () => {
    const { store, imports, files, settled } = world(false);
    imports.start(files('a'));
    await settled();
    expect(store.state.view).toMatchObject({ service: 'checkout', type: 'checkout:b:count::' });
  });
});
