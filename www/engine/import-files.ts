/** From what the platform gives (drops, file inputs) to a flat list of files with their paths. Iterative: folders may be deep. */

/** One file to import. */
export interface ImportFile {
  /** `folder/sub/cpu.pb.gz` where a folder was given, else the file's name. */
  path: string;
  file: File;
  /** Found in a folder: not recognising it is no error. */
  fromFolder: boolean;
}

/** Files of an `<input type=file>`, with or without `webkitdirectory`. */
export function filesOfList(list: Iterable<File>): ImportFile[] {
  const files: ImportFile[] = [];
  for (const file of list) {
    const relative = file.webkitRelativePath ?? '';
    files.push({ path: relative === '' ? file.name : relative, file, fromFolder: relative !== '' });
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
    else if (file !== null) loose.push({ path: file.name, file, fromFolder: false });
  }
  const files: ImportFile[] = [];
  for (const root of roots) {
    const open: FileSystemEntry[] = [root];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const path = entry.fullPath.replace(/^\//, '') || entry.name;
      try {
        if (isDirectory(entry)) open.push(...(await childrenOf(entry)));
        else files.push({ path, file: await fileOf(entry as FileSystemFileEntry), fromFolder: isDirectory(root) });
      } catch (error) {
        onUnreadable(path, error);
      }
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
