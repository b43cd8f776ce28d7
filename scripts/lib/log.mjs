/** What the scripts say while they work: one line a step, aligned, on standard output. */

const started = performance.now();
const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
/** @type {(code: number, text: string) => string} */
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** @param {string} text */
export const bold = (text) => paint(1, text);
/** @param {string} text */
export const dim = (text) => paint(2, text);
/** @param {string} text */
export const red = (text) => paint(31, text);
/** @param {string} text */
export const green = (text) => paint(32, text);

/**
 * A step that begins, is done, or had nothing to do.
 * @param {string} what
 * @param {string} [detail]
 */
export function say(what, detail = '') {
  process.stdout.write(`${bold(what.padEnd(12))} ${detail}\n`);
}

/** @param {number} ms */
export function seconds(ms) {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Time since the script began, for its last line. */
export function elapsed() {
  return seconds(performance.now() - started);
}

/**
 * Runs the body of a script; a `ToolError` ends it with one line, anything else with its stack.
 * @param {() => Promise<void>} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    const known = error instanceof Error && error.name === 'ToolError';
    process.stderr.write(`${red('error')}: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
