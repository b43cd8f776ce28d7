/**
 * Profiles that come from outside of the page: files that the system opens with it or shares with it, text that is pasted, and
 * addresses in the fragment (`#url=`).
 */

import { importFile } from '../../engine/import-files.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import { fetchFrom } from './fetch-from.ts';

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

/** The file at an address. */
export async function fetchProfile(address: string, base = document.baseURI): Promise<ImportFile> {
  const { url, blob } = await fetchFrom(address, base);
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  return importFile(new File([blob], name === '' ? url.host : name), url.origin === location.origin ? name : `${url.host}${url.pathname}`);
}
