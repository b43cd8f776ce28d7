/** What a selection is compared with, chosen by one click: what lies before it, a value of a label, a file. */

import type { Upload } from '../../engine/protocol.ts';
import { shownType } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { viewOfUpload } from './files.ts';
import { addGroup } from './group-by.ts';
import type { GroupLabel } from './group-by.ts';
import { addMatcher, labelMatchers, matchersOf, matchText } from './matchers.ts';
import { selectionOf } from './queries.ts';
import type { Store } from './store.ts';
import { toRfc3339 } from './time.ts';
import type { TimeRange } from './time.ts';
import type { View } from './view.ts';

const HOUR = 3_600_000_000_000n;

/** What a selection is compared with, by one click. */
export type BaseKind = 'before' | 'hour' | 'day';

/** These in words. */
export const BASES: readonly { kind: BaseKind; words: string; title: string }[] = [
  { kind: 'before', words: 'just before', title: 'As long a time, right before the selected one' },
  { kind: 'hour', words: 'the hour before', title: 'The same range, an hour earlier' },
  { kind: 'day', words: 'the day before', title: 'The same time of the day before' },
];

/** What is compared with what: the head keeps its range, or gets one; the base lies before it. */
export function comparison(kind: BaseKind, range: TimeRange, data: { from: bigint; until: bigint }): Pick<View, 'from' | 'until' | 'baseFrom' | 'baseUntil'> {
  const text = (from: bigint, until: bigint, shift: bigint): Pick<View, 'from' | 'until' | 'baseFrom' | 'baseUntil'> => ({
    from: toRfc3339(from),
    until: toRfc3339(until),
    baseFrom: toRfc3339(from - shift),
    baseUntil: toRfc3339(until - shift),
  });
  const until = range.until ?? data.until;
  if (range.from !== null) return text(range.from, until, kind === 'before' ? until - range.from : kind === 'hour' ? HOUR : 24n * HOUR);
  if (kind === 'before') {
    const half = (until - data.from + 1n) / 2n;
    return text(until - half, until, half);
  }
  const span = kind === 'hour' ? HOUR : 24n * HOUR;
  return text(until - span, until, span);
}

/**
 * The matchers of both sides where the base is a value of a label. The head keeps its matchers; where none of them is of the
 * label it is the rest of the selection, since what both sides hold would hide what they differ in.
 */
export function valueComparison(match: string, name: string, value: string): Pick<View, 'match' | 'baseMatch'> {
  const matchers = matchersOf(match);
  const others = matchers?.filter((each) => each.name !== name);
  const head = others?.length === matchers?.length ? addMatcher(match, name, value, '!=') : match;
  return { match: head, baseMatch: addMatcher(others === undefined ? match : matchText(others), name, value) };
}

/** What the session lends. */
export interface BasesHost {
  store: Store<AppState>;
  navigate: (patch: Partial<View>, mode: 'push' | 'replace') => void;
  report: (thrown: unknown) => void;
}

/** Opens the compare page on a base. */
export class Bases {
  readonly #host: BasesHost;
  /** Function that the next comparison searches for; null where its search stays as it is. */
  #name: string | null = null;

  constructor(host: BasesHost) {
    this.#host = host;
  }

  /** Lets the person choose; `name` is a function that the comparison is then about. */
  choose(name: string | null = null): void {
    this.#name = name;
    this.#host.store.set({ dialog: 'base' });
  }

  /** Compares with what lies before the selection. */
  earlier(kind: BaseKind, name = this.#name): void {
    const { view } = this.#host.store.state;
    const type = shownType(this.#host.store.state);
    if (type === null) return;
    try {
      this.#open({ ...comparison(kind, selectionOf(this.#host.store.state), type), baseService: view.service, baseMatch: view.match }, name);
    } catch (thrown) {
      // A range that can't be read has nothing before it.
      this.#host.report(thrown);
    }
  }

  /** Compares with a value of a label. */
  value(label: string, value: string): void {
    const { service, match, from, until } = this.#host.store.state.view;
    this.#open({ ...valueComparison(match, label, value), baseService: service, baseFrom: from, baseUntil: until });
  }

  /** Compares the profiles of a label's value with all others. */
  rest(label: GroupLabel): void {
    const { service, match, from, until } = this.#host.store.state.view;
    this.#open({ match: addGroup(match, [label]), baseService: service, baseMatch: addGroup(match, [label], true), baseFrom: from, baseUntil: until });
  }

  /** Compares with another service, over the same range. */
  service(name: string): void {
    const { from, until } = this.#host.store.state.view;
    this.#open({ baseService: name, baseMatch: '', baseFrom: from, baseUntil: until });
  }

  /** Compares with what came of a file, as far as its labels and its times tell it from others. */
  upload(upload: Upload, head: Partial<View> = {}): void {
    const { labels, from, until } = upload;
    const baseService = labels.find(([label]) => label === 'service_name')?.[1] ?? '';
    this.#open({ ...head, baseService, baseMatch: labelMatchers(labels), baseFrom: toRfc3339(from), baseUntil: toRfc3339(until) });
  }

  /** Compares what came of one file with what came of another; false where they have no type of profiles in common. */
  uploads(base: Upload, head: Upload): boolean {
    const view = viewOfUpload(this.#host.store.state.catalog, head, base.types);
    if (view !== null) this.upload(base, { ...view, zoom: [], search: '' });
    return view !== null;
  }

  #open(patch: Partial<View>, name = this.#name): void {
    this.#name = null;
    const isOpen = this.#host.store.state.view.page === 'compare';
    this.#host.navigate({ ...(isOpen ? {} : { baseFilters: null }), ...patch, ...(name === null ? {} : { search: `"${name}"` }), page: 'compare' }, 'push');
  }
}
