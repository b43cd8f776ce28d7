/** What reaches beyond the window: from match to match of a search, to the end of the heaviest path. */

import { overviewOf, NO_NAMES } from './overview.ts';
import { heaviestEnd, matchesOf, nextMatch } from './places.ts';
import type { Place } from './places.ts';
import type { FlameSource } from './source.ts';
import { wholeOf } from './viewport.ts';
import type { Drawn } from './viewport.ts';

/** Frames narrower than this are one place, CSS pixels. */
const NARROW = 2;

/** Which of the places that match, from 1, and how many there are. */
export interface MatchCount {
  place: number;
  of: number;
}

/** What it works on. */
export interface ReachHost {
  source(): FlameSource | null;
  focus(): number;
  /** Width of the graph, CSS pixels. */
  width(): number;
  pattern(): string;
  /** The selected node. */
  selected(): number | null;
  /** Brings a place into view and selects what is there. */
  goTo(place: Place): void;
}

/** Steps of one element. */
export class Reach {
  readonly #host: ReachHost;
  #key: unknown[] = [];
  #overview: Promise<Drawn> | null = null;
  #matches: Place[] | null = null;
  /** Row of the match that was gone to last, and what was selected before. */
  #last = -1;
  #before: number | null = null;

  constructor(host: ReachHost) {
    this.#host = host;
  }

  /** Goes to the next match or the one before; null where nothing matches. */
  async step(direction: 1 | -1, pattern: string): Promise<MatchCount | null> {
    if (pattern === '') return null;
    const drawn = await this.#all(pattern);
    if (drawn === null) return null;
    const matches = (this.#matches ??= matchesOf(drawn));
    if (matches.length === 0) return null;
    const selected = this.#host.selected();
    // What was gone to last may be drawn only later, or in one box with others.
    const here = selected === this.#before ? -1 : matches.findIndex(({ node }) => node === selected);
    this.#before = selected;
    this.#last = nextMatch(matches.length, here < 0 ? this.#last : here, direction);
    this.#host.goTo(matches[this.#last] as Place);
    return { place: this.#last + 1, of: matches.length };
  }

  /** Goes to the end of the heaviest path from the selected frame. */
  async end(): Promise<void> {
    const from = this.#host.selected() ?? this.#host.focus();
    const drawn = await this.#all(this.#host.pattern());
    const place = drawn === null ? null : (heaviestEnd(drawn, from) ?? heaviestEnd(drawn, this.#host.focus()));
    if (place !== null) this.#host.goTo(place);
  }

  /** All levels of the focus; null if it was left meanwhile. */
  async #all(search: string): Promise<Drawn | null> {
    const source = this.#host.source();
    if (source === null) return null;
    const [focus, width] = [this.#host.focus(), this.#host.width()];
    const key = [source, focus, width, search];
    if (this.#overview === null || key.some((part, at) => part !== this.#key[at])) {
      this.#key = key;
      this.#matches = null;
      this.#last = -1;
      this.#before = null;
      this.#overview = overviewOf(source, { view: wholeOf(focus), width, minWidth: NARROW, nameWidth: NO_NAMES, search });
    }
    const asked = this.#key;
    try {
      const drawn = await this.#overview;
      return asked === this.#key ? drawn : null;
    } catch (error) {
      if (asked === this.#key) this.#overview = null;
      throw error;
    }
  }
}
