/** `emberglass convert`: all files together, in another format. */

import { readFileSync } from 'node:fs';

import { assembleReport } from '../report/assemble.ts';
import type { ConvertOptions } from './engine.ts';
import { merged, warn } from './merged.ts';
import { writeTo } from './output.ts';

/** The page that lies beside the bundle, with the profile in it. */
function page(payload: Uint8Array): Uint8Array {
  return assembleReport(readFileSync(new URL('report.html', import.meta.url), 'utf8'), payload);
}

/** Runs the command; gives the exit status. */
export async function convert(paths: readonly string[], options: ConvertOptions, out: string | null): Promise<number> {
  return await merged(paths, async (files) => {
    const bytes = files.convert(options);
    warn(JSON.parse(files.warnings()) as Parameters<typeof warn>[0]);
    await writeTo(out, options.to === 'html' ? page(bytes) : bytes);
  });
}
