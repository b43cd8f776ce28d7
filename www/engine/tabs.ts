/**
 * Several tabs on one database. Each reads the storage itself; one of them, the holder of a Web Lock, writes for all: the
 * others send it their writes.
 *
 * Invariants:
 * - A write is answered once it is durable, whoever stored it; before that, it is kept where it was made.
 * - The lock outlives nobody: when its holder dies, another tab gets it, says so, and is sent again what was not
 *   answered. Writes may be repeated: an input is known by its content.
 * - A writer gets a write once. One that speaks another version of the protocol gets none.
 *
 * | channel | messages |
 * |---|---|
 * | `emberglass:<database>` | who writes, who asks for it, what the writer stored, which version must end |
 * | `emberglass:<database>:<tab>` | writes to that tab, or answers to it: nobody else takes part in their copies |
 */

import { ClientCode, errorShape, isTrap } from './errors.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { EngineErrorShape, EngineMethods, TabRole, UnsavedStatus } from './protocol.ts';

/** Writers that a write is sent to before it is given up: it may be what kills them. */
const MOST_WRITERS = 3;

/** What the writer says of the storage. */
export interface WriterStatus {
  generation: number;
  unsaved: UnsavedStatus | null;
}

/** What this tab does for the others, and hears from them. */
export interface TabHost {
  /** Carries out a write here. */
  run(method: keyof EngineMethods, params: unknown[]): Promise<unknown>;
  /** Another tab stored something: reads the manifest again. */
  refresh(): Promise<void>;
  /** The writer told how it stands. */
  told(status: WriterStatus): void;
  /** The role changed. */
  changed(role: TabRole): void;
}

/** What this needs of the browser. */
export interface TabPlatform {
  /** Absent outside of secure contexts. */
  locks: Pick<LockManager, 'request'> | undefined;
  channel(name: string): TabChannel;
  /** A name that no other tab has. */
  id: string;
  protocol: number;
}

export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;

type News =
  | { kind: 'writer'; id: string; protocol: number }
  | { kind: 'who' }
  | { kind: 'status'; status: WriterStatus }
  | { kind: 'retire'; protocol: number };

type Mail =
  | { from: string; id: number; method: keyof EngineMethods; params: unknown[] }
  | { reply: number; result: unknown }
  | { reply: number; error: EngineErrorShape };

interface Pending {
  method: keyof EngineMethods;
  params: unknown[];
  /** Writers that it was sent to. */
  sentTo: string[];
  resolve(result: unknown): void;
  reject(error: EngineErrorShape): void;
}

function platformOfWorker(): TabPlatform {
  return {
    locks: navigator.locks,
    channel: (name) => new BroadcastChannel(name),
    id: crypto.randomUUID(),
    protocol: PROTOCOL_VERSION,
  };
}

const SUPERSEDED: EngineErrorShape = {
  code: 'storage-closed',
  message: 'another tab runs a newer version of this page; reload this one',
  offset: null,
};

/** This tab among those on its database. */
export class Tabs {
  readonly #name: string;
  readonly #host: TabHost;
  readonly #platform: TabPlatform;
  readonly #news: TabChannel;
  readonly #pending = new Map<number, Pending>();
  #role: TabRole = 'alone';
  #nextId = 1;
  /** The writer that was heard of last, and the channel to it. */
  #writer: { id: string; mail: TabChannel } | null = null;
  #mailbox: TabChannel | null = null;
  #letGo: (() => void) | null = null;

  constructor(database: string, host: TabHost, platform: TabPlatform = platformOfWorker()) {
    this.#name = `emberglass:${database}`;
    this.#host = host;
    this.#platform = platform;
    this.#news = platform.channel(this.#name);
    this.#news.onmessage = (event: MessageEvent<News>) => this.#hear(event.data);
  }

  get role(): TabRole {
    return this.#role;
  }

  /** Takes a place among the tabs; afterwards it is known who writes. */
  async join(): Promise<void> {
    const { locks, id } = this.#platform;
    this.#mailbox = this.#platform.channel(`${this.#name}:${id}`);
    this.#mailbox.onmessage = (event: MessageEvent<Mail>) => this.#open(event.data);
    if (locks === undefined) return;
    this.#role = 'reader';
    const lock = `${this.#name}:writer`;
    const first = await new Promise<boolean>((resolve, reject) => {
      locks
        .request(lock, { ifAvailable: true }, (granted) => {
          resolve(granted !== null);
          return granted === null ? undefined : this.#hold();
        })
        .catch(reject);
    });
    if (first) return;
    void locks.request(lock, () => this.#hold());
    this.#tell({ kind: 'who' });
  }

  /** Carries out a write, here or through the tab that writes; resolves when it is durable and readable here. */
  async write(method: keyof EngineMethods, params: unknown[]): Promise<unknown> {
    if (this.#role === 'superseded') throw SUPERSEDED;
    if (this.#role !== 'reader') return await this.#host.run(method, params);
    const id = this.#nextId;
    this.#nextId += 1;
    return await new Promise((resolve, reject) => {
      this.#pending.set(id, { method, params, sentTo: [], resolve, reject });
      this.#send(id);
    });
  }

  /** Tells the others what is stored. */
  announce(status: WriterStatus): void {
    if (this.#role === 'writer' || this.#role === 'alone') this.#tell({ kind: 'status', status });
  }

  /** Gives the lock up; this tab writes no more. */
  supersede(): void {
    if (this.#role === 'superseded') return;
    this.#role = 'superseded';
    this.#letGo?.();
    for (const { reject } of this.#pending.values()) reject(SUPERSEDED);
    this.#pending.clear();
    this.#host.changed('superseded');
  }

  /** Holds the lock until this tab is superseded, or dies. */
  async #hold(): Promise<void> {
    if (this.#role === 'superseded') return;
    const held = new Promise<void>((resolve) => (this.#letGo = resolve));
    this.#role = 'writer';
    this.#writer = null;
    this.#host.changed('writer');
    this.#tell({ kind: 'writer', id: this.#platform.id, protocol: this.#platform.protocol });
    const mine = [...this.#pending.values()];
    this.#pending.clear();
    if (mine.length > 0) await this.#host.refresh().catch(() => undefined);
    for (const { method, params, resolve, reject } of mine) this.#host.run(method, params).then(resolve, reject);
    await held;
  }

  #tell(news: News): void {
    this.#news.postMessage(news);
  }

  #hear(news: News): void {
    const { id, protocol } = this.#platform;
    switch (news.kind) {
      case 'who':
        if (this.#role === 'writer') this.#tell({ kind: 'writer', id, protocol });
        return;
      case 'status':
        this.#host.told(news.status);
        return;
      case 'retire':
        if (news.protocol > protocol) this.supersede();
        return;
      case 'writer':
        if (news.protocol > protocol) this.supersede();
        else if (news.protocol < protocol) this.#tell({ kind: 'retire', protocol });
        else this.#follow(news.id);
    }
  }

  #follow(id: string): void {
    if (this.#role !== 'reader' || this.#writer?.id === id) return;
    this.#writer?.mail.close();
    this.#writer = { id, mail: this.#platform.channel(`${this.#name}:${id}`) };
    for (const pending of this.#pending.keys()) this.#send(pending);
  }

  /** Sends a write to the writer, if there is one that did not get it yet. */
  #send(id: number): void {
    const pending = this.#pending.get(id);
    const writer = this.#writer;
    if (pending === undefined || writer === null || pending.sentTo.includes(writer.id)) return;
    if (pending.sentTo.length >= MOST_WRITERS) {
      this.#pending.delete(id);
      const message = `${MOST_WRITERS} tabs ended while they stored this`;
      pending.reject({ code: ClientCode.engineCrashed, message, offset: null });
      return;
    }
    pending.sentTo.push(writer.id);
    const { method, params } = pending;
    try {
      writer.mail.postMessage({ from: this.#platform.id, id, method, params } satisfies Mail);
    } catch (thrown) {
      this.#pending.delete(id);
      pending.reject(errorShape(thrown));
    }
  }

  #open(mail: Mail): void {
    if ('from' in mail) {
      void this.#serve(mail);
      return;
    }
    const pending = this.#pending.get(mail.reply);
    if (pending === undefined) return;
    this.#pending.delete(mail.reply);
    if ('error' in mail) {
      pending.reject(mail.error);
      return;
    }
    const done = (): void => pending.resolve(mail.result);
    this.#host.refresh().then(done, done);
  }

  async #serve({ from, id, method, params }: Extract<Mail, { from: string }>): Promise<void> {
    // Sent to this tab as the writer that it was: the next one will be asked again.
    if (this.#role !== 'writer') return;
    let answer: Mail;
    try {
      answer = { reply: id, result: await this.#host.run(method, params) };
    } catch (thrown) {
      const shape = errorShape(thrown);
      answer = { reply: id, error: isTrap(thrown) ? { ...shape, code: ClientCode.engineCrashed } : shape };
    }
    const to = this.#platform.channel(`${this.#name}:${from}`);
    to.postMessage(answer);
    to.close();
  }
}
