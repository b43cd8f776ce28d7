/** Keeps the page up to date and working without a network: registers the service worker, and says when a new version is there. */

import type { NoticeBoard } from './notices.ts';

/** How often a page that stays open looks for a new version. */
const LOOK_EVERY_MS = 3_600_000;

/** Registers the service worker of the built site; does nothing where there is none. */
export async function install(notices: NoticeBoard): Promise<void> {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (!import.meta.env.PROD || workers === undefined) return;
  let reloads = false;
  const offer = (waiting: ServiceWorker): void =>
    notices.updated(() => {
      reloads = true;
      waiting.postMessage('take-over');
    });
  const hadOne = workers.controller !== null;
  workers.addEventListener('controllerchange', () => {
    if (reloads) location.reload();
    else if (hadOne) notices.updated(() => location.reload());
  });
  try {
    const registration = await workers.register(new URL('service-worker.js', document.baseURI));
    const follow = (worker: ServiceWorker | null): void =>
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed' && workers.controller !== null) offer(worker);
      });
    if (registration.waiting !== null && hadOne) offer(registration.waiting);
    follow(registration.installing);
    registration.addEventListener('updatefound', () => follow(registration.installing));
    setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
  } catch {
    // Private windows and some hosts allow none: the page then needs its network.
  }
}
