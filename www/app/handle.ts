/** The embedding handle: what programs around the page (scripts, extensions, tests) may use of it, as `globalThis.emberglass`. */

import type { EngineClient } from '../engine/client.ts';

/** The handle of a page with the app. */
export interface EmberglassHandle {
  /** The client of the engine worker: typed calls, events; see `engine/client.ts`. */
  readonly client: EngineClient;
}

declare global {
  var emberglass: EmberglassHandle;
}
