/**
 * The engine for programs: start it, import files, ask.
 *
 * ```ts
 * const client = new EngineClient({ backend: 'indexeddb', name: 'emberglass', module: compileEngine() });
 * const pool = new DecodePool({ module: () => compileFormats() });
 * await new ImportJob(await filesOfList(input.files), { client, pool }).finished;
 * const { services } = await client.call('catalog');
 * ```
 */

export { EngineClient } from './client.ts';
export type { CallMethod, ClientEvents, ClientOptions, ClientPhase } from './client.ts';
export { compileEngine, compileFormats } from './compile.ts';
export { DecodePool } from './decode-pool.ts';
export type { DecodeOptions, DecodeProgress } from './decode-pool.ts';
export { ClientCode, EngineError } from './errors.ts';
export * from './format.ts';
export { filesOfDrop, filesOfList, importFile } from './import-files.ts';
export type { ImportFile } from './import-files.ts';
export { ImportJob, describeLine } from './import-job.ts';
export type { FileState, ImportLine, ImportSummary } from './import-job.ts';
export { shardingFor } from './shard-workers.ts';
export { installTrustedTypes } from './trusted-types.ts';
export type * from './protocol.ts';
