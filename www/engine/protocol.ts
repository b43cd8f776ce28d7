/**
 * What crosses between the page and the engine: the methods of the engine worker, the types of their
 * arguments and answers, and the layout of the buffers that carry columns.
 *
 * One word for one thing: the names here are the names in the Rust crates and on the command line.
 * 64-bit values (profile values, nanoseconds) are `bigint`; counts that stay below 2^53 are `number`.
 * `crates/wasm` is the other side; the table of methods in `engine-worker.ts` makes the compiler hold the two
 * together.
 */

export * from './protocol/catalog.ts';
export * from './protocol/diff.ts';
export * from './protocol/draw.ts';
export * from './protocol/files.ts';
export * from './protocol/methods.ts';
export * from './protocol/results.ts';
export * from './protocol/selection.ts';
export * from './protocol/shards.ts';
export * from './protocol/status.ts';
export * from './protocol/storage.ts';
export * from './protocol/tables.ts';
export * from './protocol/time.ts';
export * from './protocol/values.ts';
export * from './protocol/wire.ts';
