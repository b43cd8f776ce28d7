/** Queries that several workers merge together. */

/** How large queries are merged. */
export interface Sharding {
  /** Workers beside the engine's; each has a module and a cache of its own while it is needed. */
  workers: number;
  /** Bytes of samples from which on they help (see `estimate`); 16 MiB without it. */
  fromBytes?: number;
}
