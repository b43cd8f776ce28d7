/** Which format `convert` writes. */

import type { OutputFormat } from '../engine/protocol.ts';
import { UsageError } from './args.ts';

/** The format asked for, else the one with the longest ending that the output's name has; throws `UsageError`. */
export function outputFormat(to: string | null, out: string | null, formats: readonly OutputFormat[]): OutputFormat {
  const names = formats.map(({ name }) => name).join(', ');
  if (to !== null) {
    const named = formats.find(({ name }) => name === to);
    if (named === undefined) throw new UsageError(`--to takes one of ${names}, not ${JSON.stringify(to)}`);
    return named;
  }
  const endings = formats.flatMap((format) => format.extensions.map((extension) => ({ format, ending: `.${extension}` })));
  const fitting = endings.filter(({ ending }) => out?.toLowerCase().endsWith(ending) === true);
  const [best] = fitting.sort((a, b) => b.ending.length - a.ending.length);
  if (best === undefined) throw new UsageError(`convert needs --to, or -o with a name that ends like its format: ${names}`);
  return best.format;
}
