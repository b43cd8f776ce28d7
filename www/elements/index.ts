/** Registers the custom elements, and gives their types. `README.md` describes properties, events and styles. */

export { FlameGraph } from '../flamegraph/flamegraph.ts';
export type { ErrorDetail, HoverDetail, NodeDetail } from '../flamegraph/flamegraph.ts';
export type { FlameSource } from '../flamegraph/source.ts';
export { TopTable } from './top-table.ts';
export type { FunctionDetail } from './top-table.ts';
export type { TopSource } from './source.ts';
