/** Small series of every profile type for the picker: asked for when they come into view, kept until something is stored. */

import type { EngineClient } from '../../engine/client.ts';
import type { CatalogType } from '../../engine/protocol.ts';
import { serviceMatchers } from './matchers.ts';
import { Store } from './store.ts';

/** Steps of a sparkline. */
export const SPARK_STEPS = 32;

/** Values by service and type, from 0 to 1; a step without profiles is 0. */
export class Sparklines {
  readonly store = new Store<{ lines: ReadonlyMap<string, readonly number[]> }>({ lines: new Map() });
  readonly #client: () => EngineClient;
  #of = '';
  #wanted = new Map<string, { service: string; type: CatalogType }>();
  #busy = false;

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** The line of a type, if it is known. */
  of(service: string, type: string): readonly number[] | null {
    return this.store.state.lines.get(keyOf(service, type)) ?? null;
  }

  /** Asks for what came into view; what waited and is out of view again is left. */
  want(generation: number, wanted: readonly { service: string; type: CatalogType }[]): void {
    const of = `${generation} ${this.#client().epoch}`;
    if (of !== this.#of) {
      this.#of = of;
      this.store.set({ lines: new Map() });
    }
    const { lines } = this.store.state;
    this.#wanted = new Map(wanted.map((each) => [keyOf(each.service, each.type.id), each] as const).filter(([key]) => !lines.has(key)));
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#wanted.entries().next(); next.done !== true; next = this.#wanted.entries().next()) {
        const [key, { service, type }] = next.value;
        this.#wanted.delete(key);
        const of = this.#of;
        const selection = { profileType: type.id, matchers: serviceMatchers(service, ''), from: type.from, until: type.until };
        const { values, profiles } = await this.#client().call('series', selection, SPARK_STEPS);
        if (of === this.#of) this.store.set({ lines: new Map(this.store.state.lines).set(key, relative(values, profiles)) });
      }
    } catch {
      // A picker without lines still picks; what is wrong with the store is said where it matters.
      this.#wanted.clear();
    } finally {
      this.#busy = false;
    }
  }
}

function keyOf(service: string, type: string): string {
  return JSON.stringify([service, type]);
}

function relative(values: Float64Array, profiles: Uint32Array): number[] {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  return Array.from(values, (value, step) => (most === 0 || (profiles[step] ?? 0) === 0 ? 0 : Math.max(0, value) / most));
}

/** Bars as a path in a box of 1 by 1 per step, at least a trace where there is something. */
export function sparkPath(line: readonly number[]): string {
  return line.map((value, step) => (value === 0 ? '' : `M${step} 1v-${Math.max(0.08, value).toFixed(3)}h0.8V1z`)).join('');
}
