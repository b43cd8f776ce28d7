/**
 * Set-up: checks every tool that building (and, with `--tests`, testing) needs, installs what it can, and otherwise
 * stops with one line that says what to install and how. Uses Node's own modules only, so that it runs in a fresh
 * clone. `npm start`, `npm run build` and `npm test` call it first.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { argv, env, execPath, versions } from 'node:process';

import { browserVersion, findChromedriver, findChromium } from './lib/chromium.mjs';
import { main, say } from './lib/log.mjs';
import { CACHE, MODULES, inRoot, isMain } from './lib/paths.mjs';
import { ToolError, ask, run, which } from './lib/run.mjs';

const WASM_TARGET = 'wasm32-unknown-unknown';
const NODE_AT_LEAST = [20, 19];
const RUSTUP_HINT = 'install Rust with rustup: https://rustup.rs';

function checkNode() {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = NODE_AT_LEAST;
  if (major < wantMajor || (major === wantMajor && minor < wantMinor)) {
    throw new ToolError(`node ${versions.node} is too old: install Node ${NODE_AT_LEAST.join('.')} or newer (https://nodejs.org)`);
  }
}

/** The toolchain that rust-toolchain.toml names, or the one that the environment puts in its place. */
function toolchain() {
  const file = readFileSync(inRoot('rust-toolchain.toml'), 'utf8');
  return env.RUSTUP_TOOLCHAIN ?? /^channel\s*=\s*"([^"]+)"/m.exec(file)?.[1] ?? 'stable';
}

/**
 * Rust with the wasm target; with `tests` also rustfmt and clippy. By rustup where it is there.
 * @param {boolean} tests
 */
async function setUpRust(tests) {
  if (which('cargo') === null) {
    const cargoHome = join(env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin');
    env.PATH = `${cargoHome}${delimiter}${env.PATH ?? ''}`;
    if (which('cargo') === null) throw new ToolError(`cargo was not found: ${RUSTUP_HINT}`);
  }
  const components = tests ? ['rustfmt', 'clippy'] : [];
  if (which('rustup') === null) {
    checkRustWithoutRustup(components);
    return;
  }
  const name = toolchain();
  const installed = ask('rustup', ['component', 'list', '--installed', '--toolchain', name]);
  if (installed === null) {
    say('rust', `installing toolchain ${name} with rustup`);
    const extras = components.flatMap((component) => ['--component', component]);
    await run(['rustup', 'toolchain', 'install', name, '--no-self-update', '--profile', 'minimal', '--target', WASM_TARGET, ...extras]);
    return;
  }
  const lines = installed.split('\n');
  if (!lines.some((line) => line === `rust-std-${WASM_TARGET}`)) {
    say('rust', `installing target ${WASM_TARGET}`);
    await run(['rustup', 'target', 'add', WASM_TARGET, '--toolchain', name]);
  }
  const missing = components.filter((component) => !lines.some((line) => line.startsWith(`${component}-`)));
  if (missing.length > 0) {
    say('rust', `installing ${missing.join(' and ')}`);
    await run(['rustup', 'component', 'add', ...missing, '--toolchain', name]);
  }
  say('rust', `${name} with ${[WASM_TARGET, ...components].join(', ')}`);
}

/** @param {readonly string[]} components */
function checkRustWithoutRustup(components) {
  const library = ask('rustc', ['--print', 'target-libdir', '--target', WASM_TARGET]);
  if (library === null || !existsSync(library)) {
    throw new ToolError(`rustc has no ${WASM_TARGET} target and there is no rustup to add it: ${RUSTUP_HINT}`);
  }
  for (const component of components) {
    const command = component === 'clippy' ? 'cargo-clippy' : component;
    if (which(command) === null) throw new ToolError(`${command} was not found: install it beside your Rust, or ${RUSTUP_HINT}`);
  }
  say('rust', `${ask('rustc', ['--version']) ?? 'rustc'}, without rustup`);
}

/** The version of the wasm-bindgen crate in Cargo.lock: the CLI has to be exactly that one. */
export function wasmBindgenVersion() {
  const lock = readFileSync(inRoot('Cargo.lock'), 'utf8');
  const version = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock.replaceAll('\r', ''))?.[1];
  if (version === undefined) throw new ToolError('Cargo.lock names no wasm-bindgen');
  return version;
}

/** Where the pinned wasm-bindgen CLI is kept, outside the checkout. */
export function wasmBindgenFolder() {
  return join(CACHE, `wasm-bindgen-cli-${wasmBindgenVersion()}`, 'bin');
}

async function setUpWasmBindgen() {
  const version = wasmBindgenVersion();
  const folder = wasmBindgenFolder();
  const current = () => {
    const tool = which(join(folder, 'wasm-bindgen'));
    return tool === null ? null : (/\d+\.\d+\.\d+/.exec(ask(tool, ['--version']) ?? '')?.[0] ?? null);
  };
  if (current() !== version) {
    say('wasm-bindgen', `building the CLI ${version} with cargo, once (about two minutes)`);
    // Without --locked: the lock file of the CLI's own package names versions that are gone from the registry.
    await run(
      ['cargo', 'install', 'wasm-bindgen-cli', '--version', version, '--root', join(folder, '..'), '--force'],
      { env: { CARGO_TARGET_DIR: undefined, CARGO_BUILD_TARGET: undefined } },
    );
    const installed = current();
    if (installed !== version) throw new ToolError(`wasm-bindgen in ${folder} is ${installed ?? 'not there'}, Cargo.lock wants ${version}`);
  }
  say('wasm-bindgen', version);
}

/** Whether what npm put into node_modules is what the lock names, e.g. after an `npm install` by hand. */
function modulesMatchLock() {
  try {
    /** @type {Record<string, { version?: string, optional?: boolean }>} */
    const wanted = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages;
    /** @type {typeof wanted} */
    const present = JSON.parse(readFileSync(join(MODULES, '.package-lock.json'), 'utf8')).packages;
    return (
      Object.entries(present).every(([path, { version }]) => wanted[path]?.version === version) &&
      Object.entries(wanted).every(([path, { optional }]) => path === '' || optional === true || path in present)
    );
  } catch {
    return false;
  }
}

async function setUpPackages() {
  const stamp = join(MODULES, '.emberglass-lock');
  const hash = createHash('sha256').update(readFileSync(inRoot('package-lock.json'))).digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
    if (!modulesMatchLock()) {
      say('npm', 'installing packages');
      const npm = env.npm_execpath?.endsWith('.js') ? [execPath, env.npm_execpath] : [which('npm') ?? 'npm'];
      await run([...npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
    }
    writeFileSync(stamp, hash);
  }
  say('npm', 'packages as in package-lock.json');
}

/** Chromium and the chromedriver of the same major version, from the distribution where it can be installed. */
async function setUpBrowser() {
  for (const name of ['CHROMIUM', 'CHROMEDRIVER']) {
    if (env[name] && which(env[name]) === null) throw new ToolError(`${name} names ${env[name]}, which is not there or not executable`);
  }
  if (findChromium() === null || findChromedriver() === null) {
    if (which('apt-get') === null || process.getuid?.() !== 0) {
      throw new ToolError(
        'tests need chromium and chromedriver: install both (Debian: sudo apt-get install chromium chromium-driver), or name them in CHROMIUM and CHROMEDRIVER',
      );
    }
    say('chromium', 'installing chromium and chromium-driver with apt-get');
    await run(['apt-get', 'update', '--quiet'], { quiet: true });
    await run(['apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', 'chromium', 'chromium-driver'], {
      quiet: true,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  const [browser, driver] = [findChromium(), findChromedriver()];
  if (browser === null || driver === null) throw new ToolError('chromium or chromedriver is still missing after apt-get install chromium chromium-driver');
  const [browserIs, driverIs] = [browserVersion(browser), browserVersion(driver)];
  if (browserIs === null || driverIs === null || browserIs.split('.')[0] !== driverIs.split('.')[0]) {
    throw new ToolError(`${browser} is ${browserIs}, ${driver} is ${driverIs}: install the same version of both, or name them in CHROMIUM and CHROMEDRIVER`);
  }
  say('chromium', `${browserIs} with chromedriver`);
}

/**
 * @param {{ tests?: boolean }} [options]
 */
export async function setup({ tests = false } = {}) {
  checkNode();
  await setUpRust(tests);
  await setUpPackages();
  await setUpWasmBindgen();
  if (tests) await setUpBrowser();
}

if (isMain(import.meta.url)) {
  await main(() => setup({ tests: argv.includes('--tests') }));
}
