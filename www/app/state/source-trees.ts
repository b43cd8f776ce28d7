/** Places that source is read from: a folder by its handle, or files that were chosen or dropped. */

import { EngineError } from '../../engine/errors.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import { Slices } from '../../engine/slices.ts';

/** Files of a folder that are looked at; of a larger one the rest is left out, and said. */
export const MOST_FILES = 200_000;
/** Folders that hold no source. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', '.hg', '.svn']);

/** Some files by their paths; those of a folder begin with its name. */
export interface SourceTree {
  name: string;
  paths: string[];
  /** More files than are looked at. */
  isCut: boolean;
  read: (path: string) => Promise<File>;
}

type Permitted = FileSystemDirectoryHandle & {
  queryPermission?: (mode: { mode: 'read' }) => Promise<PermissionState>;
  requestPermission?: (mode: { mode: 'read' }) => Promise<PermissionState>;
};

/** Whether a folder may be read; `ask` asks the person, which only a click may. */
export async function mayRead(handle: FileSystemDirectoryHandle, ask: boolean): Promise<boolean> {
  const folder = handle as Permitted;
  // Without the question there is nothing to refuse: the browser's private files.
  const state = (await (ask ? folder.requestPermission?.({ mode: 'read' }) : folder.queryPermission?.({ mode: 'read' }))) ?? 'granted';
  return state === 'granted';
}

/** Walks a folder to its bottom; `told` hears how many files there are so far. */
export async function treeOfFolder(folder: FileSystemDirectoryHandle, signal: AbortSignal, told: (files: number) => void): Promise<SourceTree> {
  const handles = new Map<string, FileSystemFileHandle>();
  const open: [FileSystemDirectoryHandle, string][] = [[folder, folder.name]];
  const slices = new Slices();
  let isCut = false;
  for (let next = open.pop(); next !== undefined && !isCut; next = open.pop()) {
    const [directory, path] = next;
    for await (const [name, handle] of directory.entries()) {
      signal.throwIfAborted();
      const whole = path === '' ? name : `${path}/${name}`;
      if (handle.kind === 'file') handles.set(whole, handle);
      else if (!SKIPPED.has(name)) open.push([handle, whole]);
      if (handles.size >= MOST_FILES) {
        isCut = true;
        break;
      }
      if (!slices.isOver) continue;
      told(handles.size);
      await slices.next();
    }
  }
  const read = async (path: string): Promise<File> => {
    const handle = handles.get(path);
    if (handle === undefined) throw new EngineError('source-gone', `${path} is not in ${folder.name}`);
    return await handle.getFile();
  };
  return { name: folder.name, paths: [...handles.keys()], isCut, read };
}

/** Files that were chosen or dropped. */
export function treeOfFiles(files: readonly ImportFile[]): SourceTree {
  const byPath = new Map(files.slice(0, MOST_FILES).map(({ path, file }) => [path, file]));
  const first = files[0]?.path ?? '';
  const name = files.length === 1 || files[0]?.fromFolder !== true ? (files.length === 1 ? first : 'chosen files') : (first.split('/')[0] ?? first);
  const read = (path: string): Promise<File> => {
    const file = byPath.get(path);
    return file === undefined ? Promise.reject(new EngineError('source-gone', `${path} is not among the chosen files`)) : Promise.resolve(file);
  };
  return { name, paths: [...byPath.keys()], isCut: files.length > MOST_FILES, read };
}
