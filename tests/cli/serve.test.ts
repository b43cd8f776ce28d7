/** `emberglass serve` over HTTP: what it says first, what it answers and refuses, how it ends. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CLI } from '../../scripts/lib/paths.mjs';
import { emberglass } from './run.ts';

let server: ChildProcess;
let base = '';

interface Reply {
  status: number;
  body: string;
}

/** As `fetch`, which allows no `Host` of one's own. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, base), { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const PUSH = '/ingest?name=shop.cpu{region=eu}&from=1795440985&until=1795440995&sampleRate=100';
const TYPE = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
const STACKS = 'main;work 3\nmain;rest 1\n';

beforeAll(async () => {
  server = spawn(process.execPath, [join(CLI, 'emberglass.mjs'), 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  expect(line).toMatch(/^Emberglass listens on http:\/\/127\.0\.0\.1:\d+$/);
  base = line.slice(line.indexOf('http'));
});

afterAll(() => {
  server.kill('SIGKILL');
});

describe('emberglass serve', () => {
  test('says that it is ready', async () => {
    expect(await ask('GET', '/ready')).toEqual({ status: 200, body: 'ready\n' });
  });

  test('gives back what was pushed, gzipped', async () => {
    expect((await ask('POST', PUSH, { 'Content-Encoding': 'gzip' }, gzipSync(STACKS))).status).toBe(200);
    const query = encodeURIComponent(`${TYPE}{service_name="shop",region="eu"}`);
    const { status, body } = await ask('GET', `/pyroscope/render?query=${query}&from=1795440980&until=1795441000`);
    expect(status).toBe(200);
    const { flamebearer } = JSON.parse(body) as { flamebearer: unknown };
    expect(flamebearer).toEqual({
      names: ['total', 'main', 'work', 'rest'],
      levels: [
        [0, 40_000_000, 0, 0],
        [0, 40_000_000, 0, 1],
        [0, 10_000_000, 10_000_000, 3, 0, 30_000_000, 30_000_000, 2],
      ],
      numTicks: 40_000_000,
      maxSelf: 30_000_000,
    });
    expect((await ask('GET', '/metrics')).body).toContain('emberglass_stored_profiles_total 1\n');
  });

  test('takes no write from pages of other origins, but from its own', async () => {
    expect((await ask('POST', PUSH, { Origin: 'https://example.com' }, STACKS)).status).toBe(403);
    expect((await ask('POST', PUSH, { Origin: 'null' }, STACKS)).status).toBe(403);
    expect((await ask('POST', PUSH, { Origin: base }, STACKS)).status).toBe(200);
  });

  test('knows no names but its own', async () => {
    expect((await ask('GET', '/ready', { Host: 'rebound.example.com' })).status).toBe(403);
    expect((await ask('GET', '/ready', { Host: 'localhost:4040' })).status).toBe(200);
  });

  test('refuses bodies that are too large, as sent or once inflated', async () => {
    const { status, body } = await ask('POST', PUSH, { 'Content-Length': String(65 << 20) }, '');
    expect({ status, code: (JSON.parse(body) as { code: string }).code }).toEqual({ status: 413, code: 'resource_exhausted' });
    const bomb = gzipSync(new Uint8Array(257 << 20), { level: 1 });
    expect((await ask('POST', PUSH, { 'Content-Encoding': 'gzip' }, bomb)).status).toBe(413);
    expect((await ask('GET', '/metrics')).body).toContain('pyroscope_discarded_samples_total{reason="body_size_limit_exceeded"} 2\n');
    expect((await ask('GET', '/ready')).status).toBe(200);
  }, 60_000);

  test('says where it can not listen, and what it does not take', async () => {
    const port = new URL(base).port;
    const taken = await emberglass('serve', '--port', port);
    expect(taken.status).toBe(1);
    expect(taken.error).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect((await emberglass('serve', 'cpu.pb.gz')).status).toBe(2);
    expect((await emberglass('serve', '--port', '70000')).status).toBe(2);
    expect((await emberglass('serve', '--max-memory', 'much')).status).toBe(2);
  });

  test('ends when it is told to', async () => {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
