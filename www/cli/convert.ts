/** `emberglass convert`: all files together, in another format. */

import type { ConvertOptions } from './engine.ts';
import { demangleNames } from './engine.ts';
import { merged, warn } from './merged.ts';
import { writeTo } from './output.ts';

/** Runs the command; gives the exit status. */
export async function convert(
  paths: readonly string[],
  options: ConvertOptions,
  out: string | null,
  demangle: boolean,
): Promise<number> {
  return await merged(paths, async (files) => {
    if (demangle) demangleNames(files);
    const bytes = files.convert(options);
    warn(JSON.parse(files.warnings()) as Parameters<typeof warn>[0]);
    await writeTo(out, bytes);
  });
}
