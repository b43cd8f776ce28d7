/** The path that `--labels-from-path` matches. */

import { basename, relative, sep } from 'node:path';

import type { InputFile } from './files.ts';

/**
 * Path of a file below the argument under which it was found, with slashes; an argument that is a file is its own name.
 * `name` is what the engine calls the file or, followed by the path within, the member of an archive: members lie below
 * their archive, as `a.zip/inner.pb.gz`.
 */
export function pathForLabels({ path, folder }: InputFile, name: string): string {
  const below = folder === null ? basename(path) : relative(folder, path);
  return below.split(sep).join('/') + (name.startsWith(`${path}/`) ? name.slice(path.length) : '');
}
