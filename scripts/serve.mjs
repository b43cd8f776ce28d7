/**
 * Serves the static site as a static host would, under the strict content security policy, on this machine only.
 *
 *     node scripts/serve.mjs [--port 4170] [--root www/dist]
 */

import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';

import { CONTENT_SECURITY_POLICY } from './lib/csp.mjs';
import { main, say } from './lib/log.mjs';
import { SITE, isMain } from './lib/paths.mjs';
import { ToolError } from './lib/run.mjs';

const HOST = '127.0.0.1';
const DEFAULT_PORT = 4170;
const PORTS_TRIED = 20;

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

/**
 * The file a request path names: inside the root even after links are followed, or null.
 * @param {string} root a real path
 * @param {string} url
 * @returns {Promise<{ file: string } | { redirect: string } | null>}
 */
async function find(root, url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (path.includes('\0')) return null;
    const file = await realpath(join(root, path));
    if (file !== root && !file.startsWith(root + sep)) return null;
    const info = await stat(file);
    if (info.isFile()) return { file };
    if (!info.isDirectory()) return null;
    if (!path.endsWith('/')) return { redirect: `${path.slice(path.lastIndexOf('/') + 1)}/` };
    const index = join(file, 'index.html');
    return (await stat(index)).isFile() ? { file: index } : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} root
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(root, request, response) {
  /** @type {(status: number, headers: Record<string, string | number>, body?: string | Buffer) => void} */
  const send = (status, headers, body = '') => {
    response.writeHead(status, { ...HEADERS, 'Content-Length': Buffer.byteLength(body), ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, { Allow: 'GET, HEAD' });
  const found = await find(root, request.url ?? '/');
  if (found === null) return send(404, { 'Content-Type': 'text/plain; charset=utf-8' }, 'not found\n');
  if ('redirect' in found) return send(301, { Location: found.redirect });
  const body = await readFile(found.file);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { ...HEADERS, ETag: etag });
    response.end();
    return;
  }
  send(200, { 'Content-Type': TYPES[extname(found.file)] ?? 'application/octet-stream', ETag: etag }, body);
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<void>}
 */
function listen(server, port) {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, HOST, () => {
      server.off('error', failed);
      done();
    });
  });
}

/**
 * Starts the server on loopback.
 * @param {{ port?: number, root?: string }} [options] a taken port is followed by the next free one; 0 takes any
 * @returns {Promise<{ url: string, port: number, close: () => Promise<void> }>}
 */
export async function serve({ port = DEFAULT_PORT, root = SITE } = {}) {
  const real = await realpath(resolve(root)).catch(() => {
    throw new ToolError(`${root} is not there: run npm run build`);
  });
  const server = createServer((request, response) => {
    answer(real, request, response).catch((error) => response.destroy(error));
  });
  for (let tried = 0; ; tried += 1) {
    try {
      await listen(server, port === 0 ? 0 : port + tried);
      break;
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || tried + 1 >= PORTS_TRIED) throw error;
    }
  }
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${HOST}:${bound}/`,
    port: bound,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { port: { type: 'string' }, root: { type: 'string' } } });
    const { url } = await serve({
      ...(values.port === undefined ? {} : { port: Number(values.port) }),
      ...(values.root === undefined ? {} : { root: values.root }),
    });
    say('serving', url);
  });
}
