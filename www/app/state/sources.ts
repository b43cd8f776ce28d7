/** What the flame graph and the tables draw from: a handle of the engine, bound to the engine's life. */

import type { EngineClient } from '../../engine/client.ts';
import type { DiffNodesPage, DiffTopPage, DiffTopRequest, PathStep, QueryResult } from '../../engine/protocol.ts';
import type { TopSource } from '../../elements/source.ts';
import type { FlameSource } from '../../flamegraph/source.ts';
import type { ShownChart } from './app-state.ts';

/** Draw calls under way may still use an old handle for this long. */
const RELEASE_AFTER_MS = 2000;

/** Gives handles of results back, when nothing that is under way needs them any more. */
export function releaseLater(client: EngineClient, epoch: number, handles: readonly number[]): void {
  setTimeout(() => {
    for (const handle of handles) client.callIn(epoch, 'release', handle).catch(() => undefined);
  }, RELEASE_AFTER_MS);
}

/** Source of the flame graph. */
export function flameSource(client: EngineClient, epoch: number, result: QueryResult): FlameSource {
  const { handle } = result;
  return {
    handle,
    result,
    draw: (request, signal) => client.follow({ epoch, signal }, 'draw', handle, request),
    node: (node) => client.callIn(epoch, 'node', handle, node),
    path: (node) => client.callIn(epoch, 'path', handle, node),
    find: (names) => client.callIn(epoch, 'resolve', handle, [...names]),
  };
}

/** The node that the longest known beginning of a path of names leads to; the root is 0. */
export async function nodeOfPath(resolve: (names: string[]) => Promise<number | null>, names: readonly string[]): Promise<number> {
  let found = 0;
  let low = 1;
  let high = names.length;
  // What came by an address is mostly there as a whole.
  let length = high;
  while (low <= high) {
    const node = await resolve(names.slice(0, length));
    if (node === null) high = length - 1;
    else {
      found = node;
      low = length + 1;
    }
    length = (low + high + 1) >> 1;
  }
  return found;
}

/** Source of a chart over time. Paths begin below the lane, as those of other graphs do below the root. */
export function timeSource(client: EngineClient, epoch: number, { result, first, last, clock, lanes, whole }: ShownChart): FlameSource {
  const source = flameSource(client, epoch, result);
  return {
    ...source,
    time: { first, last, clock },
    lanes: { rows: lanes, whole: { result: whole.result, rows: whole.lanes, draw: flameSource(client, epoch, whole.result).draw } },
    path: async (node) => (await source.path(node)).slice(1),
    find: async (names) => {
      const { rows } = await client.callIn(epoch, 'children', result.handle, 0, 'total', 0, lanes.length);
      for (const { name } of rows) {
        const node = (await source.find?.([name, ...names])) ?? null;
        if (node !== null) return node;
      }
      return null;
    },
  };
}

/** Whether a node is a lane of a time chart. */
export async function isLane(source: FlameSource, node: number): Promise<boolean> {
  return source.time !== undefined && node !== 0 && (await source.path(node)).length === 0;
}

/** Source of the top table. */
export function topSource(client: EngineClient, epoch: number, result: QueryResult): TopSource {
  const { handle } = result;
  return {
    handle,
    result,
    top: (sort, descending, offset, limit, search, signal) =>
      client.follow({ epoch, signal }, 'top', handle, sort, descending, offset, limit, search),
  };
}

/** Where the tables of a comparison read from. A source stands for one result. */
export interface DiffSource {
  result: QueryResult;
  /** Pages; `signal` aborts what nobody waits for any more. */
  diffTop(request: DiffTopRequest, signal: AbortSignal): Promise<DiffTopPage>;
  diffNodes(request: DiffTopRequest, signal: AbortSignal): Promise<DiffNodesPage>;
  path(node: number): Promise<PathStep[]>;
}

/** Source of the tables of a comparison. */
export function diffSource(client: EngineClient, epoch: number, result: QueryResult): DiffSource {
  const { handle } = result;
  return {
    result,
    diffTop: (request, signal) => client.follow({ epoch, signal }, 'diffTop', handle, request),
    diffNodes: (request, signal) => client.follow({ epoch, signal }, 'diffNodes', handle, request),
    path: (node) => client.callIn(epoch, 'path', handle, node),
  };
}
