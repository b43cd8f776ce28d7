/**
 * Profiles that come from outside of the page: files that the system opens with it or shares with it, text that is pasted, and
 * addresses in the fragment (`#url=`).
 */

import { EngineError } from '../../engine/errors.ts';
import { importFile } from '../../engine/import-files.ts';
import type { ImportFile } from '../../engine/import-files.ts';

/** Where the service worker leaves shared files. */
const SHARED = 'emberglass-shared';
/** Name of a pasted text. */
const PASTED = 'pasted.txt';

interface LaunchQueue {
  setConsumer(consumer: (params: { files?: readonly FileSystemFileHandle[] }) => void): void;
}

/** Hands over files that the system opens with the installed app. */
export function onLaunch(take: (files: ImportFile[]) => void, report: (thrown: unknown) => void): void {
  const queue = (globalThis as { launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer(({ files = [] }) => {
    Promise.all(files.map((handle) => handle.getFile())).then((opened) => take(opened.map((file) => importFile(file))), report);
  });
}

/** Takes the files that were shared with the installed app since the last time. */
export async function sharedFiles(): Promise<ImportFile[]> {
  const stores = (globalThis as { caches?: CacheStorage }).caches;
  if (stores === undefined || !(await stores.has(SHARED))) return [];
  const cache = await stores.open(SHARED);
  const files: ImportFile[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (response === undefined) continue;
    const name = decodeURIComponent(response.headers.get('X-File-Name') ?? 'shared');
    files.push(importFile(new File([await response.blob()], name)));
  }
  await stores.delete(SHARED);
  return files;
}

/** What was pasted: files, or a text that may be a profile. */
export function pastedFiles(data: Pick<DataTransfer, 'files' | 'getData'>): ImportFile[] {
  const files = [...data.files].map((file) => importFile(file));
  if (files.length > 0) return files;
  const text = data.getData('text/plain');
  return text.trim() === '' ? [] : [importFile(new File([text], PASTED, { lastModified: Date.now() }))];
}

/** The addresses that a fragment asks for. */
export function urlsOf(fragment: string): string[] {
  return new URLSearchParams(fragment.replace(/^#/, '')).getAll('url').filter((url) => url !== '');
}

/** The file at an address. Errors say whether it is no address, the policy of this page, the other host, or its answer. */
export async function fetchProfile(address: string, base = document.baseURI): Promise<ImportFile> {
  const url = URL.parse(address, base);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new EngineError('url-unusable', `${address} is not an http address`);
  let isForbidden = false;
  const forbid = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): void => {
    if (effectiveDirective === 'connect-src' && (blockedURI === url.href || url.href.startsWith(blockedURI))) isForbidden = true;
  };
  document.addEventListener('securitypolicyviolation', forbid);
  try {
    const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
    if (!response.ok) throw new EngineError('url-status', `${url.host} answers ${response.status} ${response.statusText}`.trimEnd());
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    return importFile(new File([await response.blob()], name === '' ? url.host : name), url.origin === location.origin ? name : `${url.host}${url.pathname}`);
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    // The event comes in a task of its own.
    await new Promise((done) => setTimeout(done));
    if (isForbidden) throw new EngineError('url-policy', `the policy of this page forbids it to read from ${url.host}`);
    throw new EngineError('url-unreachable', `${url.host} does not answer, or does not allow pages of other sites to read from it (CORS)`);
  } finally {
    document.removeEventListener('securitypolicyviolation', forbid);
  }
}
