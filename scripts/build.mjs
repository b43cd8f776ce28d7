/**
 * Builds the engine, the static site and the command line:
 *
 *     crates/ -> www/engine/pkg     cargo, wasm-bindgen, wasm-opt: a module for each task
 *     www/report -> www/report/dist one page that profiles are put into; the two below carry it
 *     www/    -> www/dist           vite; servable from any path of any static host
 *     www/cli -> www/cli/dist       one file for Node, with the engine beside it
 *
 * Steps whose inputs did not change are skipped. `--profile NAME` builds the modules with another cargo profile.
 */

import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { elapsed, main, say, seconds } from './lib/log.mjs';
import { CLI, MODULES, PKG, REPORT, SITE, TARGET, inRoot, isMain } from './lib/paths.mjs';
import { ToolError, ask, nodeScript, run } from './lib/run.mjs';
import { unlessFresh } from './lib/stamps.mjs';
import { setup, wasmBindgenFolder, wasmBindgenVersion } from './setup.mjs';
import { measure, sizeTable } from './size.mjs';

const WASM_TARGET = 'wasm32-unknown-unknown';
/** The modules of wasm: what each is for, its crate, and the name of its files below `www/engine/pkg`. */
const WASM_MODULES = [
  { name: 'engine', crate: 'emberglass-wasm', file: 'emberglass_engine' },
  { name: 'formats', crate: 'emberglass-wasm-formats', file: 'emberglass_formats' },
  { name: 'demangle', crate: 'emberglass-wasm-demangle', file: 'emberglass_demangle' },
  { name: 'files', crate: 'emberglass-wasm-files', file: 'emberglass_files' },
  { name: 'server', crate: 'emberglass-wasm-server', file: 'emberglass_server' },
];
/**
 * Passes of wasm-opt. Those of `-O3` beyond these inline what the compiler left out of line: no faster, and larger
 * once gzipped (the engine by 5 %).
 */
const PASSES = [
  ...['--duplicate-function-elimination', '--optimize-instructions', '--dce', '--vacuum', '--precompute'],
  ...['--remove-unused-brs', '--remove-unused-names', '--merge-blocks', '--remove-unused-module-elements'],
];
/** The modules of the command line. */
const CLI_MODULES = ['emberglass_files_bg.wasm', 'emberglass_server_bg.wasm', 'emberglass_demangle_bg.wasm'];
const REPORT_FILE = 'report.html';
const CONFIGS = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.json'].map((name) => inRoot(name));

/** @param {string} name */
function packageVersion(name) {
  return String(JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version);
}

/**
 * @param {string} crate
 * @param {string} profile
 */
function compiledWasm(crate, profile) {
  return join(TARGET, WASM_TARGET, profile === 'dev' ? 'debug' : profile, `${crate.replaceAll('-', '_')}.wasm`);
}

/** @param {string} profile */
async function compile(profile) {
  const packages = WASM_MODULES.flatMap(({ crate }) => ['--package', crate]);
  await run(['cargo', 'build', ...packages, '--target', WASM_TARGET, '--profile', profile]);
}

/**
 * The files that belong to a module, below `www/engine/pkg`.
 * @param {string} file
 */
const moduleFiles = (file) => [`${file}.js`, `${file}.d.ts`, `${file}_bg.wasm`].map((name) => join(PKG, name));

/**
 * @param {string} compiled
 * @param {string} file
 * @param {string} profile
 */
async function bind(compiled, file, profile) {
  await run([
    join(wasmBindgenFolder(), 'wasm-bindgen'),
    compiled,
    ...['--target', 'web', '--out-dir', PKG, '--out-name', file],
    // Hosts hand in the compiled module; a default path would be a second reference that bundlers inline.
    ...['--omit-default-module-path', ...(profile === 'release' ? ['--remove-name-section', '--remove-producers-section'] : [])],
  ]);
  if (profile !== 'dev') {
    const wasm = join(PKG, `${file}_bg.wasm`);
    await run([...nodeScript('binaryen/bin/wasm-opt'), ...PASSES, wasm, '-o', wasm]);
  }
}

/** @param {string} text */
const policyHash = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Script and style sheet become part of the page, which allows them, and nothing else, by their hashes. */
async function buildReport() {
  await run([...nodeScript('vite/bin/vite.js'), 'build', '--config', 'vite.report.config.ts', '--logLevel', 'warn']);
  const script = readFileSync(join(REPORT, 'report.js'), 'utf8').trim();
  const style = readFileSync(join(REPORT, 'report.css'), 'utf8').trim();
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new ToolError('the script of the report would end its element');
  /** @type {Record<string, string>} */
  const parts = { 'script-hash': policyHash(script), 'style-hash': policyHash(style), script, style };
  const page = readFileSync(inRoot('www', 'report', 'report.html'), 'utf8').replace(/>\s*\n\s*</g, '>\n<');
  rmSync(REPORT, { recursive: true });
  mkdirSync(REPORT);
  writeFileSync(join(REPORT, REPORT_FILE), page.replace(/%([a-z-]+)%/g, (whole, name) => parts[name] ?? whole));
}

async function buildSite() {
  await run([...nodeScript('vite/bin/vite.js'), 'build', '--config', 'vite.config.ts', '--logLevel', 'warn']);
}

async function buildCli() {
  await run([...nodeScript('vite/bin/vite.js'), 'build', '--config', 'vite.cli.config.ts', '--logLevel', 'warn']);
  for (const file of CLI_MODULES) copyFileSync(join(PKG, file), join(CLI, file));
  copyFileSync(join(REPORT, REPORT_FILE), join(CLI, REPORT_FILE));
  chmodSync(join(CLI, 'emberglass.mjs'), 0o755);
}

/** Makes `npx --no-install emberglass` work in the checkout: npm links the commands of dependencies only. */
function linkCommand() {
  const folder = join(MODULES, '.bin');
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'emberglass');
  rmSync(link, { force: true });
  if (process.platform === 'win32') {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\www\\cli\\dist\\emberglass.mjs" %*\r\n');
  } else {
    symlinkSync(join('..', '..', 'www', 'cli', 'dist', 'emberglass.mjs'), link);
  }
}

/**
 * One step, with a line before and after it.
 * @param {string} name
 * @param {string} doing
 * @param {Parameters<typeof unlessFresh>[1]} step
 * @param {() => Promise<void>} body
 */
async function step(name, doing, step, body) {
  const began = performance.now();
  const ran = await unlessFresh(name, step, async () => {
    say(name, doing);
    await body();
  });
  say(name, ran ? `built in ${seconds(performance.now() - began)}` : 'unchanged');
}

/**
 * Builds what is not up to date. Set-up must have run.
 * @param {{ profile?: string }} [options]
 */
export async function build({ profile = 'release' } = {}) {
  await step(
    'wasm',
    `compiling the crates to wasm (cargo profile ${profile})`,
    {
      inputs: ['Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'rust-toolchain.toml', 'crates'].map((path) => inRoot(path)),
      words: [profile, ask('rustc', ['--version']) ?? ''],
      outputs: WASM_MODULES.map(({ crate }) => compiledWasm(crate, profile)),
    },
    () => compile(profile),
  );
  for (const { name, crate, file } of WASM_MODULES) {
    const compiled = compiledWasm(crate, profile);
    await step(
      name,
      'binding and optimising the module',
      {
        inputs: [compiled],
        words: [profile, wasmBindgenVersion(), packageVersion('binaryen'), ...PASSES],
        outputs: moduleFiles(file),
      },
      () => bind(compiled, file, profile),
    );
  }
  await step(
    'report',
    'bundling the page of reports into www/report/dist',
    {
      inputs: [...['www/report', 'www/engine', 'www/flamegraph', 'www/elements', 'www/app/tokens.css', 'vite.report.config.ts'].map((path) => inRoot(path)), ...CONFIGS],
      outputs: [REPORT],
    },
    buildReport,
  );
  await step(
    'cli',
    'bundling the command line into www/cli/dist',
    {
      inputs: [PKG, REPORT, ...['www/cli', 'www/engine', 'www/report', 'vite.cli.config.ts'].map((path) => inRoot(path)), ...CONFIGS],
      outputs: [CLI],
    },
    buildCli,
  );
  linkCommand();
  await step(
    'site',
    'bundling the app into www/dist',
    {
      inputs: [PKG, REPORT, ...['www/app', 'www/engine', 'www/flamegraph', 'www/elements', 'www/report', 'vite.config.ts'].map((path) => inRoot(path)), ...CONFIGS],
      outputs: [SITE],
    },
    buildSite,
  );
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { profile: { type: 'string', default: 'release' } } });
    await setup();
    await build(values);
    process.stdout.write(`\n${sizeTable(measure())}\n`);
    say('done', `the site is in www/dist, the command line is npx emberglass; ${elapsed()}`);
  });
}
