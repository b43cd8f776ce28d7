import { beforeEach, describe, expect, it, vi } from 'vitest';

import { HeldData } from '../../www/app/state/held.ts';
import type { EngineStatus } from '../../www/engine/protocol.ts';

const SAVED: EngineStatus = {
  state: 'saved', backend: 'indexeddb', replica: null, connection: 'open', dropped: null, unsaved: null, role: 'writer', lastScrubMs: null,
  quarantined: 0, generation: 7, blocks: 2, storedBytes: 5000, wasmBytes: 1,
};
const EMPTY: EngineStatus = { ...SAVED, generation: 0, blocks: 0, storedBytes: 0 };
const IN_STEP = { backend: 'opfs', state: 'in-step', why: '', sinceMs: 0 } as const;

/** Of a page opened at `now` ms. */
const page = (now = 0) => new HeldData(() => now);

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) });
});

describe('HeldData', () => {
  it('says nothing of a first visit, of data that is there, and of data deleted on purpose', () => {
    expect(page().told(EMPTY)).toBeNull();
    expect(page().told(SAVED)).toBeNull();
    expect(page().told({ ...SAVED, generation: 8, blocks: 0, storedBytes: 0 })).toBeNull();
    expect(page().told(EMPTY)).toBeNull();
  });

  it('tells of data that is gone, in each page until the person has heard of it', () => {
    page(1234).told(SAVED);
    const gone = { bytes: 5000, seenMs: 1234, why: null, restored: false };
    expect(page().told(EMPTY)).toEqual(gone);
    const last = page();
    expect(last.told(EMPTY)).toEqual(gone);
    // What is stored since does not undo it.
    expect(last.told({ ...SAVED, generation: 1 })).toEqual(gone);
    last.heard('indexeddb');
    expect(last.told({ ...SAVED, generation: 2 })).toBeNull();
    expect(page().told(EMPTY)?.bytes).toBe(5000);
  });

  it('knows each back end by itself, and that memory holds nothing for long', () => {
    page().told(SAVED);
    expect(page().told({ ...EMPTY, backend: 'memory' })).toBeNull();
    expect(page().told({ ...EMPTY, backend: 'directory' })).toBeNull();
    expect(page().told(EMPTY)).not.toBeNull();
  });

  it('tells what the browser says, once heard no more', () => {
    const held = page();
    const dropped = { ...EMPTY, dropped: 'database was corrupt' };
    expect(held.told(dropped)).toEqual({ bytes: null, seenMs: null, why: 'database was corrupt', restored: false });
    held.heard('indexeddb');
    expect(held.told(dropped)).toBeNull();
    expect(page().told(EMPTY)).toBeNull();
  });

  it('tells when a second copy had it', () => {
    page().told(SAVED);
    const held = page();
    expect(held.told({ ...EMPTY, dropped: 'corrupt', replica: { ...IN_STEP, state: 'primary-behind' } })?.restored).toBe(false);
    expect(held.told({ ...SAVED, dropped: 'corrupt', replica: IN_STEP })?.restored).toBe(true);
  });
});
