/** Child processes: found, run, captured; a failure is a `ToolError` with one line that names tool and command. */

import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

import { ROOT } from './paths.mjs';

/** A failure that its one line explains. */
export class ToolError extends Error {
  /** @override */
  name = 'ToolError';
}

const WINDOWS = process.platform === 'win32';
const SUFFIXES = WINDOWS ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The first of these commands that PATH has, or null. A name with a slash is taken as a path.
 * @param {...(string | undefined)} names
 * @returns {string | null}
 */
export function which(...names) {
  for (const name of names) {
    if (name === undefined || name === '') continue;
    const folders = /[\\/]/.test(name) ? [''] : (process.env.PATH ?? '').split(delimiter);
    for (const folder of folders) {
      for (const suffix of SUFFIXES) {
        const file = folder === '' ? name + suffix : join(folder, name + suffix);
        if (isExecutable(file)) return file;
      }
    }
  }
  return null;
}

/**
 * A command as a person would type it in the checkout.
 * @param {readonly string[]} command
 */
export function commandLine([file = '', ...args]) {
  return [file.replace(/^.*[\\/]/, ''), ...args]
    .map((word) => word.replace(ROOT + sep, ''))
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}

/**
 * Standard output of a short command, trimmed; null when it cannot run or fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string | null}
 */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? stdout.trim() : null;
}

/**
 * @typedef {object} RunOptions
 * @property {Record<string, string | undefined>} [env] added to the environment; `undefined` removes
 * @property {string} [cwd]
 * @property {boolean} [capture] keep what it prints, too
 * @property {boolean} [quiet] print nothing unless it fails
 */

/**
 * Runs a command, its output shown as it comes.
 * @param {readonly string[]} command
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it printed, if captured or quiet
 */
export async function run(command, { env = {}, cwd = ROOT, capture = false, quiet = false } = {}) {
  const [file = '', ...args] = command;
  const piped = capture || quiet;
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', piped ? 'pipe' : 'inherit', piped ? 'pipe' : 'inherit'],
    shell: WINDOWS && /\.(cmd|bat)$/i.test(file),
  });
  let output = '';
  for (const [stream, target] of /** @type {const} */ ([[child.stdout, process.stdout], [child.stderr, process.stderr]])) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text) => {
      output += text;
      if (!quiet) target.write(text);
    });
  }
  const outcome = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : signal === null ? `exit status ${code}` : `killed by ${signal}`));
  });
  if (outcome !== null) {
    if (quiet) process.stderr.write(output);
    const failure = new ToolError(`${commandLine(command)}: ${outcome}`);
    throw Object.assign(failure, { output });
  }
  return output;
}

/**
 * How to start a script of an installed npm package with this Node.
 * @param {string} path below node_modules
 */
export function nodeScript(path) {
  return [process.execPath, join(ROOT, 'node_modules', path)];
}
