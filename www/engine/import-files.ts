/** From what the platform gives (drops, file inputs) to a flat list of files with their paths. Iterative: folders may be deep. */

import { Slices } from './slices.ts';

/** One file to import. */
export interface ImportFile {
  /** `folder/sub/cpu.pb.gz` where a folder was given, else the file's name. */
  path: string;
  file: File;
  /** Found in a folder: not recognising it is no error. */
  fromFolder: boolean;
  /** What the file said when it was given: browsers ask the disk each time. */
  bytes: number;
  /** When it was changed, ms since the epoch; null where that is not known. */
  modifiedMs: number | null;
}

/** A file as one to import. */
export function importFile(file: File, path = file.name, fromFolder = false): ImportFile {
  const { size: bytes, lastModified } = file;
  return { path, file, fromFolder, bytes, modifiedMs: lastModified > 0 ? lastModified : null };
}

/** Files of an `<input type=file>`, with or without `webkitdirectory`. The list is read at once, the sizes of many in slices. */
export async function filesOfList(list: Iterable<File>): Promise<ImportFile[]> {
  const files: ImportFile[] = [];
  const slices = new Slices();
  for (const file of [...list]) {
    const relative = file.webkitRelativePath ?? '';
    files.push(importFile(file, relative === '' ? file.name : relative, relative !== ''));
    if (slices.isOver) await slices.next();
  }
  return files.sort(byPath);
}

/**
 * Files of a drop, folders walked to the bottom. Call it within the `drop` event: the list of entries is empty afterwards.
 * What cannot be read is passed to `onUnreadable` and left out.
 */
export async function filesOfDrop(
  transfer: Pick<DataTransfer, 'items' | 'files'>,
  onUnreadable: (path: string, error: unknown) => void = () => undefined,
): Promise<ImportFile[]> {
  const roots: FileSystemEntry[] = [];
  const loose: ImportFile[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry?.() ?? null;
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) roots.push(entry);
    else if (file !== null) loose.push(importFile(file));
  }
  const files: ImportFile[] = [];
  const slices = new Slices();
  for (const root of roots) {
    const open: FileSystemEntry[] = [root];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const path = entry.fullPath.replace(/^\//, '') || entry.name;
      try {
        if (isDirectory(entry)) open.push(...(await childrenOf(entry)));
        else files.push(importFile(await fileOf(entry as FileSystemFileEntry), path, isDirectory(root)));
      } catch (error) {
        onUnreadable(path, error);
      }
      if (slices.isOver) await slices.next();
    }
  }
  return [...files, ...loose].sort(byPath);
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** All children: `readEntries` gives them in portions (of 100 in Chromium) and ends with an empty one. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

const PATHS = new Intl.Collator('en', { numeric: true });

/** As people count: `cpu-9` before `cpu-10`. */
function byPath(a: ImportFile, b: ImportFile): number {
  return PATHS.compare(a.path, b.path);
}
