/** The window of a chart over time, between the address and the graph. */

import type { TimeSpan } from '../../flamegraph/source.ts';
import { resolveTime, toRfc3339 } from './time.ts';
import type { View } from './view.ts';

/** Fields of a view that say a window, or that all is in view. */
export function windowFields(window: TimeSpan | null): Pick<View, 'windowFrom' | 'windowUntil'> {
  return window === null ? { windowFrom: '', windowUntil: '' } : { windowFrom: toRfc3339(window.first), windowUntil: toRfc3339(window.last) };
}

let last: { from: string; until: string; window: TimeSpan | null } = { from: '', until: '', window: null };

/** The window that a view says; null for all, and for what is no window. The same view gives the same object. */
export function windowOf({ windowFrom: from, windowUntil: until }: Pick<View, 'windowFrom' | 'windowUntil'>): TimeSpan | null {
  if (from !== last.from || until !== last.until) last = { from, until, window: parsed(from, until) };
  return last.window;
}

function parsed(from: string, until: string): TimeSpan | null {
  if (!/^\d{4}-/.test(from) || !/^\d{4}-/.test(until)) return null;
  try {
    const [first, end] = [from, until].map((text) => resolveTime(text, { now: 0n, end: 0n }));
    return first == null || end == null || end <= first ? null : { first, last: end };
  } catch {
    // An address that somebody wrote: all is shown.
    return null;
  }
}

/** What a person does with times of a chart. */
export class ChartTimes {
  readonly #navigate: (patch: Partial<View>, mode: 'push' | 'replace') => void;

  constructor(navigate: (patch: Partial<View>, mode: 'push' | 'replace') => void) {
    this.#navigate = navigate;
  }

  /** Shows what is in a window; null for all of the chart. */
  show(window: TimeSpan | null, mode: 'push' | 'replace'): void {
    this.#navigate(windowFields(window), mode);
  }

  /** Shows the stacks of the samples in a span. */
  showStacks({ first, last }: TimeSpan): void {
    this.#navigate({ from: toRfc3339(first), until: toRfc3339(last), cut: true, graph: 'icicle', ...windowFields(null) }, 'push');
  }
}
