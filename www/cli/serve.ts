/** `emberglass serve`: Pyroscope's interface on loopback, for agents and dashboards of this machine. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { isIP } from 'node:net';

import { EngineError } from '../engine/errors.ts';
import type { Invocation } from './args.ts';
import { write } from './output.ts';
import type { Backend } from './server.ts';
import { openBackend } from './server.ts';

/** Largest body of a request as it is sent. */
const MAX_BODY = 64 << 20;
/** Pushes after which blocks are merged. */
const COMPACT_EVERY = 64;
/** How long requests under way may take once the server is told to stop. */
const GRACE_MS = 5_000;

class TooLarge extends Error {}

/** Host and port of a `Host` header or of an origin, in lower case. */
function hostOf(text: string): string | undefined {
  try {
    return new URL(text.includes('://') ? text : `http://${text}`).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}

/** True for names that no other site can point here: loopback, addresses, and the name that was listened on. */
export function isKnownHost(header: string | undefined, listened: string): boolean {
  const host = header === undefined ? undefined : hostOf(header);
  if (host === undefined) return false;
  return host === 'localhost' || host.endsWith('.localhost') || host === listened.toLowerCase() || isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}

/** True where a page of another origin asks: browsers say so with `Origin`. */
export function isCrossOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== host?.toLowerCase();
  } catch {
    return true;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify({ code, message }));
}

async function answer(backend: Backend, listened: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { method = 'GET', url = '/', headers } = request;
  if (!isKnownHost(headers.host, listened)) {
    refuse(response, 403, 'permission_denied', 'the Host header names no host that is served here');
    return false;
  }
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead && isCrossOrigin(headers.origin, headers.host)) {
    refuse(response, 403, 'permission_denied', 'pages of other origins may not write here');
    return false;
  }
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) throw new TooLarge();
  const body = await bodyOf(request);
  const { status, contentType, body: answered } = await backend.handle({ method, target: url, headers: request.rawHeaders, body });
  const isText = contentType !== '';
  response.writeHead(status, { ...(isText ? { 'Content-Type': contentType } : {}), 'Content-Length': answered.length, 'X-Content-Type-Options': 'nosniff' });
  response.end(method === 'HEAD' ? undefined : answered);
  return !isRead && status < 300;
}

/** Runs until it is told to stop; gives the exit status. */
export async function serve({ host, port, maxMemory }: Extract<Invocation, { command: 'serve' }>): Promise<number> {
  const backend = await openBackend(maxMemory);
  let writes = 0;
  const server = createServer((request, response) => {
    answer(backend, host, request, response).then(
      (wrote) => {
        if (wrote && ++writes % COMPACT_EVERY === 0) setImmediate(() => void backend.compact());
      },
      (thrown: unknown) => {
        if (thrown instanceof TooLarge) {
          const { status, contentType, body } = backend.tooLarge(MAX_BODY);
          response.writeHead(status, { 'Content-Type': contentType, Connection: 'close' });
          response.end(body);
        } else if (!response.headersSent) {
          refuse(response, 500, 'internal', EngineError.of(thrown).message);
        } else {
          response.destroy();
        }
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new EngineError('listen-failed', `cannot listen on ${host}:${port}: ${error.message}`)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  await write(`Emberglass listens on http://${host.includes(':') ? `[${host}]` : host}:${bound}\n`);
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      server.close(() => resolve());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
  return 0;
}
