import { describe, expect, it } from 'vitest';
import type { EngineMethods } from '../../www/engine/protocol.ts';
import { Tabs } from '../../www/engine/tabs.ts';
import type { TabChannel, TabPlatform } from '../../www/engine/tabs.ts';
import { settle } from './fake-worker.ts';

/** The browser around several tabs: locks by name, channels by name, and tabs that can die. */
class FakeBrowser {
  readonly #holders = new Map<string, string>();
  readonly #queues = new Map<string, { id: string; grant: () => void }[]>();
  readonly #channels = new Set<{ name: string; tab: string; channel: TabChannel }>();
  readonly #dead = new Set<string>();
  #next = 0;

  tab(protocol = 1): TabPlatform {
    this.#next += 1;
    const id = `tab${this.#next}`;
    const request = (name: string, ...rest: unknown[]): Promise<unknown> => {
      const callback = rest.at(-1) as (lock: Lock | null) => unknown;
      const lock = { name, mode: 'exclusive' } as Lock;
      if (rest.length > 1 && this.#holders.has(name)) return Promise.resolve(callback(null));
      return new Promise((resolve) => {
        const grant = (): void => {
          this.#holders.set(name, id);
          void Promise.resolve(callback(lock)).then((result) => {
            if (!this.#dead.has(id)) this.#release(name);
            resolve(result);
          });
        };
        if (this.#holders.has(name)) this.#queues.set(name, [...(this.#queues.get(name) ?? []), { id, grant }]);
        else grant();
      });
    };
    return { locks: { request }, channel: (name) => this.#open(name, id), id, protocol };
  }

  #open(name: string, tab: string): TabChannel {
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (message) => {
        if (this.#dead.has(tab)) return;
        const data: unknown = structuredClone(message);
        for (const other of this.#channels) {
          if (other.name !== name || other.channel === channel) continue;
          queueMicrotask(() => {
            if (!this.#dead.has(other.tab)) other.channel.onmessage?.call(channel as BroadcastChannel, { data } as MessageEvent);
          });
        }
      },
      close: () => {
        for (const each of this.#channels) if (each.channel === channel) this.#channels.delete(each);
      },
    };
    this.#channels.add({ name, tab, channel });
    return channel;
  }

  /** The tab is gone: it says and hears nothing, and its lock goes to the next in turn. */
  kill(id: string): void {
    this.#dead.add(id);
    for (const [name, holder] of [...this.#holders]) if (holder === id) this.#release(name);
  }

  #release(name: string): void {
    this.#holders.delete(name);
    const queue = (this.#queues.get(name) ?? []).filter((waiting) => !this.#dead.has(waiting.id));
    const next = queue.shift();
    this.#queues.set(name, queue);
    next?.grant();
  }
}

/** What all tabs store into: inputs by content, each once. */
class Disk {
  readonly stored: unknown[] = [];
  put(input: unknown): void {
    if (!this.stored.includes(input)) this.stored.push(input);
  }
}

class Tab {
  readonly tabs: Tabs;
  readonly id: string;
  readonly roles: string[] = [];
  readonly served: unknown[] = [];
  refreshed = 0;
  /** What a write here waits for. */
  gate: Promise<void> = Promise.resolve();
  fault: unknown = null;

  constructor(browser: FakeBrowser, disk: Disk, protocol = 1, locks = true) {
    const platform = locks ? browser.tab(protocol) : { ...browser.tab(protocol), locks: undefined };
    this.id = platform.id;
    this.tabs = new Tabs(
      'db',
      {
        run: async (method: keyof EngineMethods, params) => {
          this.served.push(params[0]);
          await this.gate;
          if (this.fault !== null) throw this.fault;
          if (method === 'ingest') disk.put(params[0]);
          return `by ${this.id}`;
        },
        refresh: async () => {
          this.refreshed += 1;
        },
        told: () => undefined,
        changed: (role) => this.roles.push(role),
      },
      platform,
    );
  }
}

async function joined(browser: FakeBrowser, disk: Disk, count: number): Promise<Tab[]> {
  const all = Array.from({ length: count }, () => new Tab(browser, disk));
  for (const { tabs } of all) await tabs.join();
  await settle();
  return all;
}

describe('Tabs', () => {
  it('has one writer, and the others write through it', async () => {
    const [browser, disk] = [new FakeBrowser(), new Disk()];
    const [a, b, c] = (await joined(browser, disk, 3)) as [Tab, Tab, Tab];
    expect([a, b, c].map(({ tabs }) => tabs.role)).toEqual(['writer', 'reader', 'reader']);
    expect(await Promise.all([a, b, c].map(({ tabs, id }) => tabs.write('ingest', [id])))).toEqual(['by tab1', 'by tab1', 'by tab1']);
    expect(disk.stored.sort()).toEqual(['tab1', 'tab2', 'tab3']);
    // What is answered can be read.
    expect([a.refreshed, b.refreshed, c.refreshed]).toEqual([0, 1, 1]);
  });

  it('passes errors on', async () => {
    const [a, b] = (await joined(new FakeBrowser(), new Disk(), 2)) as [Tab, Tab];
    a.fault = { code: 'storage-quota', message: 'full', offset: null };
    await expect(b.tabs.write('ingest', [1])).rejects.toEqual({ code: 'storage-quota', message: 'full', offset: null });
  });

  it('sends again what a dead writer did not answer, and it lands once', async () => {
    const [browser, disk] = [new FakeBrowser(), new Disk()];
    const all = await joined(browser, disk, 5);
    const [a, b] = all as [Tab, Tab];
    // The first writer stores, and dies before it answers.
    a.gate = new Promise(() => undefined);
    const writes = all.slice(1).map(({ tabs, id }) => tabs.write('ingest', [id]));
    await settle();
    expect(a.served).toHaveLength(4);
    disk.put('tab3');
    browser.kill(a.id);
    expect(await Promise.all(writes)).toEqual(Array(4).fill('by tab2'));
    expect(disk.stored.sort()).toEqual(['tab2', 'tab3', 'tab4', 'tab5']);
    expect(b.roles).toEqual(['writer']);
    expect(all.slice(2).map(({ tabs }) => tabs.role)).toEqual(['reader', 'reader', 'reader']);
  });

  it('gives up a write that ended several writers', async () => {
    const browser = new FakeBrowser();
    const all = await joined(browser, new Disk(), 5);
    for (const tab of all) tab.gate = new Promise(() => undefined);
    const write = (all[4] as Tab).tabs.write('ingest', ['poison']);
    for (const tab of all.slice(0, 3)) {
      await settle();
      browser.kill(tab.id);
    }
    await expect(write).rejects.toMatchObject({ code: 'engine-crashed' });
    expect((all[3] as Tab).served).toEqual([]);
  });

  it('lets a newer page take over', async () => {
    const [browser, disk] = [new FakeBrowser(), new Disk()];
    const [old, waiting] = (await joined(browser, disk, 2)) as [Tab, Tab];
    const newer = new Tab(browser, disk, 2);
    const write = newer.tabs.join().then(() => newer.tabs.write('ingest', ['new']));
    await settle();
    expect(await write).toBe(`by ${newer.id}`);
    expect([old.tabs.role, waiting.tabs.role, newer.tabs.role]).toEqual(['superseded', 'superseded', 'writer']);
    await expect(old.tabs.write('ingest', ['late'])).rejects.toMatchObject({ code: 'storage-closed' });
    expect(disk.stored).toEqual(['new']);
  });

  it('writes everywhere where there are no locks', async () => {
    const [browser, disk] = [new FakeBrowser(), new Disk()];
    const all = [new Tab(browser, disk, 1, false), new Tab(browser, disk, 1, false)];
    for (const { tabs } of all) await tabs.join();
    expect(await Promise.all(all.map(({ tabs, id }) => tabs.write('ingest', [id])))).toEqual(['by tab1', 'by tab2']);
    expect(all.map(({ tabs }) => tabs.role)).toEqual(['alone', 'alone']);
  });
});
