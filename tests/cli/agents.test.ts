/**
 * Agents of Pyroscope, as they are published, push to `emberglass serve`; what they pushed is asked back. An agent whose
 * runtime is missing, or whose package can't be fetched, is skipped with a word. Packages stay in target/agents.
 */

import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CLI, TARGET, inRoot } from '../../scripts/lib/paths.mjs';

const run = promisify(execFile);
const FOLDER = join(TARGET, 'agents');
const PROGRAMS = inRoot('tests', 'agents');
/** Versions that the tests were written with. */
const NODE_AGENT = '@pyroscope/nodejs@0.6.4';
const PYTHON_AGENT = 'pyroscope-io==1.4.0';
const JAVA_AGENT = '2.9.2';
const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

let server: ChildProcess;
let base = '';

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  server = spawn(process.execPath, [join(CLI, 'emberglass.mjs'), 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  base = line.slice(line.indexOf('http'));
});

afterAll(() => {
  server.kill('SIGTERM');
});

/** Why a command fails; undefined where it does not. */
async function failure(command: string, words: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string | undefined> {
  try {
    await run(command, words, { ...options, timeout: 240_000 });
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? `${command}: ${thrown.message.split('\n')[0] ?? ''}` : String(thrown);
  }
}

async function call<T>(method: string, asked: object): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${base}/querier.v1.QuerierService/${method}`, { method: 'POST', headers, body: JSON.stringify(asked) });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

interface Stored {
  types: string[];
  /** Values of a label, of the service's series. */
  values: (label: string) => Promise<string[]>;
  /** Names in the flame graph of a type. */
  names: (type: string) => Promise<string[]>;
}

async function stored(service: string): Promise<Stored> {
  const [start, end] = [Date.now() - 600_000, Date.now() + 60_000];
  const selector = `{service_name=${JSON.stringify(service)}}`;
  const values = async (name: string): Promise<string[]> => {
    const { names } = await call<{ names?: string[] }>('LabelValues', { name, matchers: [selector], start, end });
    return names ?? [];
  };
  return {
    types: await values('__profile_type__'),
    values,
    async names(type) {
      const asked = { profileTypeID: type, labelSelector: selector, start, end };
      const { flamegraph } = await call<{ flamegraph: { names: string[] } }>('SelectMergeStacktraces', asked);
      return flamegraph.names;
    },
  };
}

describe('agents push to emberglass serve', () => {
  test('Go', async ({ skip }) => {
    const cwd = join(PROGRAMS, 'go');
    const program = join(FOLDER, 'go-agent');
    const missing = await failure('go', ['build', '-o', program, '.'], { cwd });
    if (missing !== undefined) skip(`no agent for Go here: ${missing}`);
    expect(await failure(program, [base])).toBeUndefined();
    const { types, values, names } = await stored('agent.go');
    expect(types).toEqual(
      expect.arrayContaining([CPU, 'memory:alloc_space:bytes:space:bytes', 'memory:inuse_space:bytes:space:bytes', 'goroutines:goroutine:count:goroutine:count']),
    );
    expect(await values('region')).toEqual(['eu']);
    expect(await values('endpoint')).toEqual(['/checkout']);
    expect(await values('pyroscope_spy')).toEqual(['gospy']);
    expect(await names(CPU)).toEqual(expect.arrayContaining(['main.main', 'main.hash']));
  }, 300_000);

  test('Node', async ({ skip }) => {
    const packages = join(FOLDER, 'node');
    mkdirSync(packages, { recursive: true });
    const missing = await failure('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', packages, NODE_AGENT]);
    if (missing !== undefined) skip(`no agent for Node here: ${missing}`);
    expect(await failure(process.execPath, [join(PROGRAMS, 'node', 'app.mjs'), base, packages])).toBeUndefined();
    const { types, values, names } = await stored('agent.node');
    const wall = types.find((type) => type.startsWith('wall:wall:nanoseconds:'));
    expect(wall).toBeDefined();
    expect(await values('region')).toEqual(['eu']);
    expect((await names(wall ?? '')).some((name) => name.includes('hash'))).toBe(true);
  }, 300_000);

  test('Python', async ({ skip }) => {
    const packages = join(FOLDER, 'python');
    if (!existsSync(packages)) {
      const missing = await failure('python3', ['-m', 'pip', 'install', '--quiet', '--target', packages, PYTHON_AGENT]);
      if (missing !== undefined) skip(`no agent for Python here: ${missing}`);
    }
    const env = { ...process.env, PYTHONPATH: packages };
    expect(await failure('python3', [join(PROGRAMS, 'python', 'app.py'), base], { env })).toBeUndefined();
    const { types, values, names } = await stored('agent.python');
    expect(types).toEqual([CPU]);
    expect(await values('region')).toEqual(['eu']);
    expect(await values('endpoint')).toEqual(['/checkout']);
    expect((await names(CPU)).some((name) => name.includes('checksum'))).toBe(true);
  }, 300_000);

  test('Java', async ({ skip }) => {
    const agent = join(FOLDER, `agent-${JAVA_AGENT}.jar`);
    if (!existsSync(agent)) {
      const missing = await failure('mvn', ['--quiet', 'dependency:copy', `-Dartifact=io.pyroscope:agent:${JAVA_AGENT}`, `-DoutputDirectory=${FOLDER}`]);
      if (missing !== undefined) skip(`no agent for Java here: ${missing}`);
    }
    const settings = { SERVER_ADDRESS: base, APPLICATION_NAME: 'agent.java', UPLOAD_INTERVAL: '2s', FORMAT: 'jfr', LABELS: 'region=eu' };
    const env = { ...process.env, ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`PYROSCOPE_${name}`, value])) };
    const missing = await failure('java', [`-javaagent:${agent}`, join(PROGRAMS, 'java', 'App.java')], { env });
    if (missing?.includes('ENOENT') === true) skip(`no Java here: ${missing}`);
    expect(missing).toBeUndefined();
    const { types, values, names } = await stored('agent.java');
    expect(types).toContain(CPU);
    expect(await values('region')).toEqual(['eu']);
    expect(await values('pyroscope_spy')).toEqual(['javaspy']);
    expect(await names(CPU)).toContain('App.hash');
  }, 300_000);
});
