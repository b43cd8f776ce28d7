/**
 * `npm run fuzz`: a fuzz target for every registered format, and those of containers, batches, blocks and packs.
 *
 *     npm run fuzz -- --seconds 600              every target for ten minutes, one after the other
 *     npm run fuzz -- --only pprof,jfr --jobs 2  these, two at a time
 *     npm run fuzz -- --list                     their names
 *
 * It needs `cargo install cargo-fuzz --version 0.13.2` and a C++ compiler. Corpora grow in target/fuzz/corpora from one run
 * to the next; what breaks a target is in target/fuzz/findings. A finding becomes a test by a copy to
 * tests/fixtures/fuzz-crashers/<target>/.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { bold, elapsed, green, main, red, say } from './lib/log.mjs';
import { TARGET, inRoot } from './lib/paths.mjs';
import { ToolError, ask, run } from './lib/run.mjs';

const CRATE = inRoot('tests', 'fuzz');
const WORK = join(TARGET, 'fuzz');
const CORPORA = join(WORK, 'corpora');
const FINDINGS = join(WORK, 'findings');
const CRASHERS = inRoot('tests', 'fixtures', 'fuzz-crashers');
/** Where seeds come from: what was recorded, what was made for a format that no file was recorded of, what once broke. */
const SEEDS = [inRoot('tests', 'fixtures'), join(CRATE, 'seeds')];
/** Targets that are no format's, by the name of their binary. */
const OTHERS = ['pprof-messages', 'compressed', 'batch', 'block', 'pack'];
/** Longest input: that of the longest seeds. */
const MOST = 64 << 10;
/** Seconds an input may take. */
const TIMEOUT = 10;
/** Memory of the process, a backstop: the targets have budgets of their own. */
const RSS_MB = 2048;
/** A target that breaks so often at once waits to be mended. */
const MOST_FINDINGS = 8;

/** @param {string} folder */
const filesIn = (folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);

/** Builds the targets; gives the folder of their binaries. */
async function build() {
  if (ask('cargo', ['fuzz', '--version']) === null) {
    throw new ToolError('cargo-fuzz is missing: cargo install cargo-fuzz --version 0.13.2');
  }
  const host = /host: (\S+)/.exec(ask('rustc', ['-vV']) ?? '')?.[1];
  if (host === undefined) throw new ToolError('rustc -vV does not name its host');
  const folder = join(WORK, 'build');
  await run(['cargo', 'fuzz', 'build', '--sanitizer', 'none', '--fuzz-dir', CRATE, '--target-dir', folder], { quiet: true });
  return join(folder, host, 'release');
}

/**
 * One run of a target's binary; gives what it printed and how it ended.
 * @param {string} binary
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<{ text: string, code: number | null }>}
 */
function libFuzzer(binary, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text = (text + chunk).slice(-(1 << 16))));
    child.on('error', reject);
    child.on('close', (code) => resolve({ text, code }));
  });
}

/**
 * Runs one target until its time is over, whatever it finds on the way.
 * @param {string} name
 * @param {string} binaries
 * @param {number} duration in seconds
 */
async function fuzz(name, binaries, duration) {
  const corpus = join(CORPORA, name);
  const findings = join(FINDINGS, name);
  mkdirSync(corpus, { recursive: true });
  mkdirSync(findings, { recursive: true });
  const dictionary = join(CRATE, 'dictionaries', `${name}.dict`);
  const args = [
    `-timeout=${TIMEOUT}`,
    `-rss_limit_mb=${RSS_MB}`,
    `-max_len=${MOST}`,
    '-print_final_stats=1',
    `-artifact_prefix=${findings}/`,
    ...(existsSync(dictionary) ? [`-dict=${dictionary}`] : []),
    corpus,
    ...[join(CRASHERS, name)].filter(existsSync),
  ];
  const binary = join(binaries, OTHERS.includes(name) ? name : 'format');
  const before = new Set(filesIn(findings));
  const began = performance.now();
  let executions = 0;
  let coverage = 0;
  let left = duration;
  for (let tries = 0; left >= 1 && tries < MOST_FINDINGS; tries += 1) {
    const { text, code } = await libFuzzer(binary, [`-max_total_time=${Math.ceil(left)}`, ...args], { FUZZ_FORMAT: name });
    if (code === 2) throw new ToolError(`${name}: ${text.trim()}`);
    executions += Number(/stat::number_of_executed_units:\s+(\d+)/.exec(text)?.[1] ?? [...text.matchAll(/^#(\d+)/gm)].at(-1)?.[1] ?? 0);
    coverage = Math.max(coverage, ...[...text.matchAll(/ cov: (\d+)/g)].map((match) => Number(match[1])));
    left = duration - (performance.now() - began) / 1000;
    if (code === 0) break;
    const fault = /panicked at[^\n]*\n[^\n]*|memory allocation of \d+ bytes failed|ERROR: libFuzzer:[^\n]*/.exec(text)?.[0] ?? `exit status ${code}`;
    say(name, red(fault.replaceAll('\n', ': ')));
  }
  const found = filesIn(findings).filter((file) => !before.has(file));
  const ran = (performance.now() - began) / 1000;
  return { name, executions, coverage, corpus: filesIn(corpus).length, ran, found };
}

async function fuzzAll() {
  const options = /** @type {const} */ ({
    seconds: { type: 'string', default: '600' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    list: { type: 'boolean' },
  });
  const { values } = parseArgs({ options });
  const [duration, jobs] = [Number(values.seconds), Number(values.jobs)];
  if (!(duration > 0 && jobs > 0)) throw new ToolError('--seconds and --jobs take a number above 0');
  const binaries = await build();
  const all = (await run([join(binaries, 'seeds')], { quiet: true })).trim().split('\n');
  const chosen = values.only?.split(',') ?? all;
  const unknown = chosen.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new ToolError(`no target ${unknown}; there are ${all.join(', ')}`);
  if (values.list === true) {
    process.stdout.write(`${all.join('\n')}\n`);
    return;
  }
  await run([join(binaries, 'seeds'), CORPORA, ...SEEDS], { quiet: true });

  const waiting = [...chosen];
  /** @type {Awaited<ReturnType<typeof fuzz>>[]} */
  const reports = [];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      say(name, `${duration} s`);
      const report = await fuzz(name, binaries, duration);
      reports.push(report);
      say(name, `${report.executions} executions, ${report.found.length} findings`);
      for (const file of report.found) say(name, `${red('found')} ${file} (${readFileSync(file).length} bytes)`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, worker));

  const row = (/** @type {(string | number)[]} */ [name = '', ...cells]) => `${String(name).padEnd(16)}${cells.map((cell) => String(cell).padStart(13)).join('')}`;
  process.stdout.write(`\n${bold(row(['target', 'seconds', 'executions', 'coverage', 'corpus', 'crashes']))}\n`);
  for (const { name, executions, coverage, corpus, ran, found } of reports) {
    const crashes = found.filter((file) => !/[\\/]slow-unit-/.test(file)).length;
    process.stdout.write(`${row([name, ran.toFixed(0), executions, coverage, corpus])}${(crashes === 0 ? green : red)(String(crashes).padStart(13))}\n`);
    if (crashes > 0) process.exitCode = 1;
  }
  process.stdout.write(`\n${elapsed()}\n`);
}

await main(fuzzAll);
