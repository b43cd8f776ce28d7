/** Pyroscope's interface below the address of the app: what the service worker forwards is answered from the session's store. */

import { compileServer } from '../../engine/compile.ts';
import { PyroscopeService, answerServiceWorker } from '../../engine/pyroscope-service.ts';
import type { StoreOfEngine } from '../../engine/pyroscope-service.ts';

/** Does nothing where the browser has no service workers. */
export function answerPyroscope(client: () => StoreOfEngine): void {
  const container = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (container === undefined) return;
  answerServiceWorker(container, new PyroscopeService({ client, module: () => compileServer() }));
}
