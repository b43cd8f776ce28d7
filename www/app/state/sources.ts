/** What the flame graph and the top table draw from: a handle of the engine, bound to the engine's life. */

import type { EngineClient } from '../../engine/client.ts';
import type { QueryResult, TimeChart } from '../../engine/protocol.ts';
import type { TopSource } from '../../elements/source.ts';
import type { FlameSource } from '../../flamegraph/source.ts';

/** Source of the flame graph. */
export function flameSource(client: EngineClient, epoch: number, result: QueryResult): FlameSource {
  const { handle } = result;
  return {
    handle,
    result,
    draw: (request) => client.callIn(epoch, 'draw', handle, request),
    node: (node) => client.callIn(epoch, 'node', handle, node),
    path: (node) => client.callIn(epoch, 'path', handle, node),
  };
}

/** Source of a chart over time. */
export function timeSource(client: EngineClient, epoch: number, { result, first, last }: TimeChart): FlameSource {
  return { ...flameSource(client, epoch, result), time: { first, last } };
}

/** Source of the top table. */
export function topSource(client: EngineClient, epoch: number, result: QueryResult): TopSource {
  const { handle } = result;
  return {
    handle,
    result,
    top: (sort, descending, offset, limit, search) =>
      client.callIn(epoch, 'top', handle, sort, descending, offset, limit, search),
  };
}
