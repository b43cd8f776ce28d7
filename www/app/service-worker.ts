/**
 * The service worker: the site works without a network, and takes what other programs share with it.
 *
 * Invariants: a page and all its parts come from one version of the site; a new version takes over only when a page asks
 * for it; requests to other origins are never touched; those of Pyroscope's interface are handed to an open page. The build writes the list of files into this script, so that it
 * changes with every one of them.
 */

import { relay, targetOf } from '../engine/pyroscope-relay.ts';

/** Put in by the build: files of the site relative to this script, and a hash of them all. */
declare const SITE_FILES: readonly string[];
declare const SITE_VERSION: string;

const scope = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = 'emberglass-site-';
const CACHE = PREFIX + SITE_VERSION;
/** Where shared files wait for the page; `state/incoming.ts` takes them. */
const SHARED = 'emberglass-shared';
/** Versions that are kept: a tab may still show the one before. */
const KEPT = 2;

const site = (path: string): string => new URL(path, scope.registration.scope).href;

/** Files whose name holds a hash of their content: equal names are equal files. */
function isHashed(url: string): boolean {
  return /\/assets\/.*-[\w-]{8}\.\w+$/.test(url);
}

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const path of SITE_FILES) {
    const url = site(path);
    const known = isHashed(url) ? await caches.match(url) : undefined;
    const response = known ?? (await fetch(url, { cache: 'no-cache' }));
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    await cache.put(url, response);
  }
}

async function tidy(): Promise<void> {
  const versions = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  const gone = versions.slice(0, Math.max(0, versions.length + 1 - KEPT));
  await Promise.all(gone.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  // Whatever question stands behind the address of the page.
  const { origin, pathname } = new URL(request.url);
  const url = origin + pathname === site('./') || origin + pathname === site('./index.html') ? site('./') : request.url;
  return (await cache.match(url)) ?? (await caches.match(url)) ?? (await fetch(request));
}

/** Keeps shared files for the page, and goes there. */
async function takeShared(request: Request): Promise<Response> {
  const form = await request.formData();
  const cache = await caches.open(SHARED);
  let row = 0;
  for (const [field, value] of form) {
    const file = value instanceof File ? value : new File([value], `${field}.txt`);
    if (file.size === 0) continue;
    const headers = { 'X-File-Name': encodeURIComponent(file.name) };
    await cache.put(site(`./shared/${row}`), new Response(file, { headers }));
    row += 1;
  }
  return Response.redirect(site('./'), 303);
}

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(tidy()));
scope.addEventListener('message', (event) => {
  if (event.data === 'take-over') void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!request.url.startsWith(scope.registration.scope)) return;
  const target = targetOf(request.url, scope.registration.scope);
  if (target !== null) event.respondWith(relay(request, target, scope));
  else if (request.method === 'POST' && request.url === site('./share')) event.respondWith(takeShared(request));
  else if (request.method === 'GET') event.respondWith(answer(request));
});
