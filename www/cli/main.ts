/** The command line: from words to an exit status. */

import { EngineError, isTrap } from '../engine/errors.ts';
import type { Invocation } from './args.ts';
import { UsageError, parseInvocation } from './args.ts';
import { convert } from './convert.ts';
import { diff } from './diff.ts';
import { HELP } from './help.ts';
import { info } from './info.ts';
import { complain, write } from './output.ts';
import { pack } from './pack.ts';
import { query } from './query.ts';
import { serve } from './serve.ts';
import { top } from './top.ts';

/** The version in package.json, put here by the build. */
declare const __EMBERGLASS_VERSION__: string;

async function run(asked: Invocation): Promise<number> {
  switch (asked.command) {
    case 'help':
      await write(HELP);
      return 0;
    case 'version':
      await write(`emberglass ${__EMBERGLASS_VERSION__}\n`);
      return 0;
    case 'info':
      return await info(asked.paths, asked.json);
    case 'top':
      return await top(asked.paths, asked.options, asked.json, asked.wishes);
    case 'query':
      return await query(asked);
    case 'diff':
      return await diff(asked);
    case 'pack':
      return pack(asked);
    case 'convert':
      return await convert(asked);
    case 'serve':
      return await serve(asked);
  }
}

/** Does what the words after the program's name ask for: 0, 1 if a file failed, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(parseInvocation(argv));
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      complain(`${thrown.message}\nTry emberglass --help.`);
      return 2;
    }
    complain(isTrap(thrown) ? `the engine crashed: ${String(thrown)}` : EngineError.of(thrown).describe());
    return 1;
  }
}
