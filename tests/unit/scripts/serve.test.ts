import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CONTENT_SECURITY_POLICY } from '../../../scripts/lib/csp.mjs';
import { serve } from '../../../scripts/serve.mjs';

let folder: string;
let site: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-serve-'));
  const root = join(folder, 'site');
  await mkdir(join(root, 'assets', 'empty'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(root, 'index.html'), '<title>home</title>');
  await writeFile(join(root, 'assets', 'index.html'), 'assets');
  await writeFile(join(root, 'assets', 'engine.wasm'), Buffer.from([0, 97, 115, 109]));
  await writeFile(join(root, 'assets', 'app.js'), 'export {};');
  await writeFile(join(root, 'assets', 'cpu.pb.gz'), 'profile');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
  site = await serve({ port: 0, root });
});

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

/** The status of a path exactly as written; `fetch` would tidy it up first. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: site.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

describe('the static server', () => {
  test.each([
    ['', 'text/html; charset=utf-8'],
    ['assets/engine.wasm', 'application/wasm'],
    ['assets/app.js', 'text/javascript; charset=utf-8'],
    ['assets/cpu.pb.gz', 'application/octet-stream'],
  ])('sends /%s as %s under the policy', async (path, type) => {
    const response = await fetch(new URL(path, site.url));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test.each(['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/link.txt', '/nothing', '/%', '/a%00b', '/assets/empty/'])(
    'gives nothing for %s',
    async (path) => {
      expect(await rawStatus(path)).toBe(404);
    },
  );

  test('a folder is sent to its slash, so that relative references hold', async () => {
    const response = await fetch(new URL('assets', site.url));
    expect(response.url).toBe(`${site.url}assets/`);
    expect(await response.text()).toBe('assets');
  });

  test('what the browser has already is not sent again', async () => {
    const tag = (await fetch(site.url)).headers.get('etag');
    const again = await fetch(site.url, { headers: { 'If-None-Match': tag ?? '' } });
    expect(again.status).toBe(304);
    expect(again.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  test('HEAD has the headers only, other methods are refused', async () => {
    const head = await fetch(site.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '19', '']);
    expect((await fetch(site.url, { method: 'POST' })).status).toBe(405);
  });

  test('a taken port is followed by the next free one', async () => {
    const other = await serve({ port: site.port, root: folder });
    expect(other.port).toBeGreaterThan(site.port);
    await other.close();
  });

  test('a folder that is not there is an error that says what to do', async () => {
    await expect(serve({ port: 0, root: join(folder, 'dist') })).rejects.toThrow(/npm run build/);
  });
});
