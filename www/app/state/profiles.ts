/** The profiles of the selection one by one, and what is known of one of them; asked for while their page is open. */

import { EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { LabelValues, Selection, StoredProfile } from '../../engine/protocol.ts';
import type { AppState } from './app-state.ts';
import { narrowingLabels } from './labels.ts';
import { labelMatchers, serviceMatchers } from './matchers.ts';
import { selectionOf } from './queries.ts';
import { Store } from './store.ts';
import { toRfc3339 } from './time.ts';
import type { View } from './view.ts';

/** Rows that are asked for at a time. */
export const PAGE = 200;
/** Pages that are kept. */
const MOST_PAGES = 64;
/** Profiles of a series that start at once are told apart among as many. */
const WINDOW = 64;
const THREADS = 100;
/** The label that formats with threads name them by. */
const THREAD = 'thread';

/** What one thread of a recording has. */
export interface ThreadTotal {
  name: string;
  /** Sum of its values, exact up to 2^53. */
  total: number;
  profiles: number;
}

/** One profile with what lies beside it. */
export interface ProfileDetail {
  profile: StoredProfile;
  /** Matchers of its series, and of no other. */
  match: string;
  /** Its neighbours in the series. */
  previous: StoredProfile | null;
  next: StoredProfile | null;
  /** Its place in the series, from 0, and how many there are. */
  place: number;
  count: number;
  metadata: readonly LabelValues[];
  /** Threads of the recording that it belongs to; empty where the format has none. */
  threads: readonly ThreadTotal[];
}

export interface ProfilesState {
  /** Null until the first page is there. */
  count: number | null;
  pages: ReadonlyMap<number, readonly StoredProfile[]>;
  error: EngineError | null;
  /** The profile that is open. */
  open: StoredProfile | null;
  /** Null while it is read. */
  detail: ProfileDetail | null;
}

/** The part of a view that shows one profile and nothing else. */
export function viewOf({ profile, match }: Pick<ProfileDetail, 'profile' | 'match'>): Pick<View, 'match' | 'from' | 'until'> {
  return { match, from: toRfc3339(profile.start), until: toRfc3339(profile.start + 1n) };
}

/** Keeps the list in step with the view. */
export class Profiles {
  readonly store = new Store<ProfilesState>({ count: null, pages: new Map(), error: null, open: null, detail: null });
  readonly #client: () => EngineClient;
  #key = '';
  #asked = new Set<number>();

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Begins anew if the selection, or what is stored, is another one. */
  update(state: AppState): void {
    const { view, catalog } = state;
    if (catalog === null || view.service === '' || view.type === '') return;
    const client = this.#client();
    const key = JSON.stringify([view.service, view.type, view.match, view.from, view.until, catalog.generation, client.epoch]);
    if (key === this.#key) return;
    this.#key = key;
    this.#asked = new Set();
    this.store.set({ count: null, pages: new Map(), error: null });
    this.want(state, 0, 0);
  }

  /** The profile of a row, if it is there. */
  row(index: number): StoredProfile | undefined {
    return this.store.state.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Asks for the pages of rows that came into view. */
  want(state: AppState, first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#read(state, page);
    }
  }

  /** Asks again, after an error. */
  retry(state: AppState): void {
    this.#key = '';
    this.update(state);
  }

  /** Opens one profile, or none. */
  async open(profile: StoredProfile | null, type: string): Promise<void> {
    this.store.set({ open: profile, detail: null });
    if (profile === null) return;
    try {
      const detail = await this.#detail(profile, type);
      if (this.store.state.open === profile) this.store.set({ detail });
    } catch (thrown) {
      if (this.store.state.open === profile) this.store.set({ open: null, error: EngineError.of(thrown) });
    }
  }

  async #read(state: AppState, page: number): Promise<void> {
    const key = this.#key;
    try {
      const { profileType, matchers, from, until } = selectionOf(state);
      const { rows, count } = await this.#client().call('profiles', { profileType, matchers, from, until }, page * PAGE, PAGE);
      if (key !== this.#key) return;
      const pages = new Map(this.store.state.pages).set(page, rows);
      for (const far of pages.keys()) {
        if (pages.size <= MOST_PAGES) break;
        pages.delete(far);
        this.#asked.delete(far);
      }
      this.store.set({ count, pages, error: null });
    } catch (thrown) {
      if (key === this.#key) this.store.set({ error: EngineError.of(thrown) });
    }
  }

  async #detail(profile: StoredProfile, profileType: string): Promise<ProfileDetail> {
    const client = this.#client();
    const service = profile.labels.find(([name]) => name === 'service_name')?.[1] ?? '';
    const { start } = profile;
    const all: Selection = { profileType, matchers: serviceMatchers(service, ''), from: null, until: null };
    const names = narrowingLabels(await client.call('labels', all)).map(({ name }) => name);
    const match = labelMatchers(profile.labels, names);
    const series = { ...all, matchers: serviceMatchers(service, match) };
    const at = { from: start, until: start + 1n };
    const [before, metadata, threads] = await Promise.all([
      client.call('profiles', { ...series, until: start }, 0, 1),
      client.call('metadata', { ...series, ...at }),
      names.includes(THREAD) ? client.call('groupedSeries', { ...all, ...at }, THREAD, 2, THREADS) : null,
    ]);
    const first = Math.max(0, before.count - 1);
    const near = await client.call('profiles', series, first, WINDOW);
    const row = near.rows.findIndex(({ id }) => id === profile.id);
    return {
      profile,
      match,
      previous: near.rows[row - 1] ?? null,
      next: row < 0 ? null : (near.rows[row + 1] ?? null),
      place: first + Math.max(0, row),
      count: near.count,
      metadata,
      threads: (threads?.groups ?? []).flatMap(({ labels, values, profiles }) => {
        const name = labels.find(([label]) => label === THREAD)?.[1] ?? '';
        const sum = (of: Iterable<number>): number => Array.from(of).reduce((total, each) => total + each, 0);
        return name === '' ? [] : [{ name, total: sum(values), profiles: sum(profiles) }];
      }),
    };
  }
}
