/** `emberglass convert`: all files together, in another format. */

import { readFileSync } from 'node:fs';

import type { OutputFormat } from '../engine/protocol.ts';
import { assembleReport } from '../report/assemble.ts';
import type { Invocation } from './args.ts';
import { newFiles } from './engine.ts';
import { merged } from './merged.ts';
import { outputFormat } from './output-format.ts';
import { write, writeTo } from './output.ts';
import { table } from './table.ts';

/** What `--to help` prints. */
function list(formats: readonly OutputFormat[]): string {
  const rows = formats.map(({ name, description, extensions }) => [name, description, extensions.map((extension) => `.${extension}`).join(' ')]);
  return table(['--to', 'writes', 'files'].map((title) => ({ title, align: 'left' })), rows);
}

/** The page that lies beside the bundle, with the profile in it. */
function page(payload: Uint8Array): Uint8Array {
  return assembleReport(readFileSync(new URL('report.html', import.meta.url), 'utf8'), payload);
}

/** Runs the command; gives the exit status. */
export async function convert({ paths, to, selection, out, wishes }: Extract<Invocation, { command: 'convert' }>): Promise<number> {
  const formats = newFiles().output_formats();
  if (to === 'help') {
    await write(list(formats));
    return 0;
  }
  const { name } = outputFormat(to, out, formats);
  return await merged(paths, wishes, async (files) => {
    const bytes = files.convert({ to: name, ...selection });
    await writeTo(out, name === 'html' ? page(bytes) : bytes);
  });
}
