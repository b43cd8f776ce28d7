/**
 * `npm test`: set-up, then every check as a named stage; stops at the first that fails and says which.
 *
 *     npm test -- --only rust,wasm     just these stages
 *     npm test -- --skip e2e           all but these
 *     npm test -- --list               their names
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { checkLayering } from './layering.mjs';
import { CHROMIUM_FLAGS, findChromedriver, findChromium } from './lib/chromium.mjs';
import { testsIn } from './lib/counts.mjs';
import { bold, elapsed, green, main, red, seconds } from './lib/log.mjs';
import { ToolError, nodeScript, run } from './lib/run.mjs';
import { setup, wasmBindgenFolder } from './setup.mjs';
import { checkBudget } from './size.mjs';

const WASM_TARGET = 'wasm32-unknown-unknown';
const DENY = ['--', '--deny', 'warnings'];
/** Crates that only make sense as wasm. */
const BINDINGS = ['emberglass-wasm', 'emberglass-wasm-base', 'emberglass-wasm-demangle', 'emberglass-wasm-files', 'emberglass-wasm-formats', 'emberglass-wasm-server'];
const WITHOUT_BINDINGS = ['--workspace', ...BINDINGS.flatMap((name) => ['--exclude', name])];

/** Tests in a dedicated worker of headless Chromium. */
async function wasmTests() {
  const folder = mkdtempSync(join(tmpdir(), 'emberglass-wasm-'));
  try {
    const webdriver = join(folder, 'webdriver.json');
    const options = { args: CHROMIUM_FLAGS, binary: findChromium() };
    writeFileSync(webdriver, JSON.stringify({ 'goog:chromeOptions': options }));
    // What they do takes two seconds in all; optimising it took a minute and a half.
    const plain = ['--config', 'profile.test.opt-level=0'];
    const output = await run(['cargo', 'test', '--target', WASM_TARGET, '--package', 'emberglass-wasm', ...plain], {
      capture: true,
      env: {
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: join(wasmBindgenFolder(), 'wasm-bindgen-test-runner'),
        CHROMEDRIVER: findChromedriver() ?? undefined,
        // Production has no COOP and COEP headers, so tests must not see them either.
        WASM_BINDGEN_TEST_NO_ORIGIN_ISOLATION: '1',
        WASM_BINDGEN_TEST_TIMEOUT: '300',
        WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriver,
        TMPDIR: folder,
      },
    });
    // The runner reports both as success.
    if (output.includes('Worker error')) throw new ToolError('a worker failed outside any test: see "Worker error" above');
    if (testsIn(output).passed === 0) throw new ToolError('no wasm test ran');
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The loops over faults are among the tests of the core; here is what only a browser can go through. */
async function shortFaults() {
  // Only now: what it drives the browser with may have been installed a moment ago.
  const { faults } = await import('./faults.mjs');
  const tally = await faults({ quick: true, seed: Date.now() % 1_000_000, native: false });
  if (!tally.clean) throw new ToolError(tally.toString());
  process.stdout.write(`${tally.toString()}\n`);
}

/**
 * A stage that runs one command.
 * @param {readonly string[]} command
 * @returns {() => Promise<string>}
 */
const command = (command) => () => run(command, { capture: true });

/** Lines of a failed stage that are said once more at the end, where a log is read first. */
const LAST_LINES = 40;

/** @type {Record<string, { what: string, body: () => Promise<string | void> }>} in the order they run */
const STAGES = {
  layering: { what: 'a crate uses only crates below it', body: async () => checkLayering() },
  format: { what: 'Rust formatting', body: command(['cargo', 'fmt', '--all', '--check']) },
  clippy: {
    what: 'clippy, warnings denied, natively and for wasm',
    body: async () => {
      const bindings = BINDINGS.flatMap((name) => ['--package', name]);
      await run(['cargo', 'clippy', ...WITHOUT_BINDINGS, '--all-targets', ...DENY]);
      await run(['cargo', 'clippy', ...bindings, '--target', WASM_TARGET, '--all-targets', ...DENY]);
    },
  },
  rust: { what: 'tests of the core, natively', body: command(['cargo', 'test', ...WITHOUT_BINDINGS]) },
  wasm: { what: 'tests of the bindings, in Chromium', body: wasmTests },
  build: { what: 'the production build', body: () => build() },
  types: {
    what: 'TypeScript types',
    body: async () => {
      for (const project of ['tsconfig.json', 'tsconfig.worker.json', 'tsconfig.node.json']) {
        await run([...nodeScript('typescript/bin/tsc'), '--project', project]);
      }
    },
  },
  lint: { what: 'TypeScript lint', body: command([...nodeScript('eslint/bin/eslint.js'), '--max-warnings', '0', '.']) },
  unit: { what: 'TypeScript unit tests', body: command([...nodeScript('vitest/vitest.mjs'), 'run', '--project', 'unit']) },
  size: { what: 'download sizes against their budget', body: async () => checkBudget() },
  cli: {
    what: 'the built command line, over the corpus too',
    body: command([...nodeScript('vitest/vitest.mjs'), 'run', '--project', 'cli']),
  },
  e2e: { what: 'the production build in Chromium', body: command([...nodeScript('@playwright/test/cli.js'), 'test']) },
  faults: { what: 'a browser, workers and tabs killed while they store: a short run', body: shortFaults },
};

/**
 * @param {string | undefined} names comma-separated
 * @returns {string[]}
 */
function stageNames(names) {
  const list = names === undefined ? [] : names.split(',');
  const unknown = list.find((name) => !(name in STAGES));
  if (unknown !== undefined) throw new ToolError(`no stage ${unknown}; there are ${Object.keys(STAGES).join(', ')}`);
  return list;
}

async function test() {
  const options = /** @type {const} */ ({ only: { type: 'string' }, skip: { type: 'string' }, list: { type: 'boolean' } });
  const { values } = parseArgs({ options });
  const [only, skip] = [stageNames(values.only), stageNames(values.skip)];
  const chosen = Object.entries(STAGES).filter(([name]) => (only.length === 0 || only.includes(name)) && !skip.includes(name));
  if (values.list === true) {
    for (const [name, { what }] of chosen) process.stdout.write(`${name.padEnd(10)} ${what}\n`);
    return;
  }
  await setup({ tests: true });

  const report = [];
  let lastWords = '';
  let passed = 0;
  let failed = 0;
  for (const [name, { what, body }] of chosen) {
    process.stdout.write(`\n${bold(`--- ${name}: ${what}`)}\n`);
    const began = performance.now();
    let output = '';
    let failure = null;
    try {
      output = (await body()) ?? '';
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      if ('output' in failure) output = String(failure.output);
    }
    const tests = testsIn(output);
    const time = seconds(performance.now() - began);
    const counted = tests.passed + tests.failed > 0;
    passed += counted ? tests.passed : failure === null ? 1 : 0;
    failed += Math.max(tests.failed, failure === null ? 0 : 1);
    report.push(`${failure === null ? green('ok  ') : red('FAIL')}  ${name.padEnd(10)} ${time.padStart(14)}  ${counted ? `${tests.passed} tests` : what}`);
    if (failure !== null) {
      const text = failure.name === 'ToolError' ? failure.message : (failure.stack ?? failure.message);
      process.stderr.write(`${red('error')}: stage ${bold(name)} failed: ${text}\n`);
      process.exitCode = 1;
      lastWords = output.split('\n').filter((line) => line.trim() !== '').slice(-LAST_LINES).join('\n');
      break;
    }
  }
  process.stdout.write(`\n${report.join('\n')}\n\n${elapsed()}\n${passed} passed, ${failed} failed\n`);
  if (lastWords !== '') process.stdout.write(`\nThe end of what the failed stage said:\n\n${lastWords}\n`);
}

await main(test);
