/** What reaches beyond the window: from match to match of a search, also into folded lanes, to the end of the heaviest path. */

import type { QueryResult } from '../engine/protocol.ts';
import { foldedOver, nodeAmong, placeAmong } from './lanes.ts';
import { overviewOf, NO_NAMES } from './overview.ts';
import { heaviestEnd, matchesOf, nextMatch } from './places.ts';
import type { Place } from './places.ts';
import type { Drawable, FlameSource } from './source.ts';
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
  /** Asks for a source with a lane unfolded. */
  unfold(lane: string): void;
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
  /** The match whose lane is being unfolded, and of which whole chart it is. */
  #awaited: { place: Place; of: QueryResult } | null = null;

  constructor(host: ReachHost) {
    this.#host = host;
  }

  /** Goes to the next match or the one before; null where nothing matches. Matches in folded lanes count, too. */
  async step(direction: 1 | -1, pattern: string): Promise<MatchCount | null> {
    const asked = this.#host.source();
    if (pattern === '' || asked === null) return null;
    const drawn = await this.#all(asked.lanes?.whole ?? asked, identityOf(asked), pattern);
    const source = this.#host.source();
    if (drawn === null || source === null || identityOf(source) !== identityOf(asked)) return null;
    const matches = (this.#matches ??= matchesOf(drawn));
    if (matches.length === 0) return null;
    const selected = this.#selectedIn(source);
    // What was gone to last may be drawn only later, or in one box with others.
    const here = selected === this.#before ? -1 : matches.findIndex(({ node }) => node === selected);
    this.#before = selected;
    this.#last = nextMatch(matches.length, here < 0 ? this.#last : here, direction);
    this.#goTo(matches[this.#last] as Place, source);
    return { place: this.#last + 1, of: matches.length };
  }

  /** After a picture of the source was painted: goes to the match that waits for its lane. */
  painted(): void {
    const awaited = this.#awaited;
    const source = this.#host.source();
    if (awaited === null || source === null) return;
    if (source.lanes?.whole.result !== awaited.of) this.#awaited = null;
    else if (foldedOver(source.lanes, awaited.place.node) === null) this.#goTo(awaited.place, source);
  }

  /** Goes to the end of the heaviest path from the selected frame. */
  async end(): Promise<void> {
    const source = this.#host.source();
    if (source === null) return;
    const from = this.#host.selected() ?? this.#host.focus();
    const drawn = await this.#all(source, source.result === source.lanes?.whole.result ? source.result : source, this.#host.pattern());
    const place = drawn === null ? null : (heaviestEnd(drawn, from) ?? heaviestEnd(drawn, this.#host.focus()));
    if (place !== null) this.#host.goTo(place);
  }

  #goTo(place: Place, { lanes }: FlameSource): void {
    const folded = lanes === undefined ? null : foldedOver(lanes, place.node);
    if (lanes === undefined || folded === null) {
      this.#awaited = null;
      this.#host.goTo(lanes === undefined ? place : placeAmong(lanes, place));
      return;
    }
    this.#awaited = { place, of: lanes.whole.result };
    this.#host.unfold(folded.name);
  }

  /** The selected node, in the whole chart. */
  #selectedIn({ lanes }: FlameSource): number | null {
    const selected = this.#host.selected();
    return selected === null || lanes === undefined ? selected : (nodeAmong(lanes.rows, lanes.whole.rows, selected) ?? selected);
  }

  /** All levels of the focus; null if it was left meanwhile. */
  async #all(source: Drawable, identity: unknown, search: string): Promise<Drawn | null> {
    const [focus, width] = [this.#host.focus(), this.#host.width()];
    const key = [identity, focus, width, search];
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

/** What the matches of a source are of: of a chart over time they stay where they are, whatever is folded. */
function identityOf(source: FlameSource): unknown {
  return source.lanes?.whole.result ?? source;
}
