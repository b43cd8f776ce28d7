/**
 * What a service worker does with requests of Pyroscope's interface: hands them to an open page, whose engine has the
 * profiles. Without a page the answer is 503.
 */

import type { Answered, Asked, PageReply, PageRequest, Refusal } from './pyroscope-protocol.ts';

/** Paths below the service worker's scope. */
const PATHS = /^\/(pyroscope\/|querier\.v1\.QuerierService\/|push\.v1\.PusherService\/|v1development\/profiles$|ingest$)/;
/** A page that does not take the request within this time is frozen, or is no page of the app. */
const TAKE_MS = 3_000;
/** A page that took the request and does not answer within this time was closed. */
const ANSWER_MS = 120_000;
/** Largest body of a request. */
const MAX_BODY = 64 << 20;

/** What the relay needs of a service worker. */
export interface RelayScope {
  readonly registration: { readonly scope: string };
  readonly clients: { matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Page[]> };
}

/** An open page. */
export interface Page {
  readonly url: string;
  readonly visibilityState?: string;
  postMessage(message: PageRequest, transfer: Transferable[]): void;
}

/** The path and query of a request below `scope` that is one of Pyroscope's interface; else null. */
export function targetOf(url: string, scope: string): string | null {
  const base = new URL('.', scope).href;
  if (!url.startsWith(base)) return null;
  const { pathname, search } = new URL(`/${url.slice(base.length)}`, base);
  return PATHS.test(pathname) ? pathname + search : null;
}

/** An error as Pyroscope's clients read it. */
function refusal({ status, code, message }: Refusal): Answered {
  return { status, contentType: 'application/json', body: new TextEncoder().encode(JSON.stringify({ code, message })) };
}

/** The answer of an open page to a request; `target` is its path and query. */
export async function relay(request: Request, target: string, scope: RelayScope): Promise<Response> {
  const { status, contentType, body } = await answerOf(request, target, scope);
  const headers = { 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': "default-src 'none'", ...(contentType === '' ? {} : { 'Content-Type': contentType }) };
  return new Response(request.method === 'HEAD' ? null : (body as Uint8Array<ArrayBuffer>), { status, headers });
}

async function answerOf(request: Request, target: string, scope: RelayScope): Promise<Answered> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > MAX_BODY) {
    return refusal({ status: 413, code: 'resource_exhausted', message: `the body has more than ${MAX_BODY} bytes` });
  }
  const asked: Asked = { method: request.method, target, headers: [...request.headers].flat(), body };
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const inScope = pages.filter(({ url }) => url.startsWith(new URL('.', scope.registration.scope).href) && targetOf(url, scope.registration.scope) === null);
  // Hidden pages may be frozen.
  const visibleFirst = inScope.toSorted((a, b) => Number(b.visibilityState === 'visible') - Number(a.visibilityState === 'visible'));
  for (const page of visibleFirst) {
    const answered = await ask(page, asked);
    if (answered !== null) return answered;
  }
  return refusal({ status: 503, code: 'unavailable', message: 'no page of Emberglass is open: open it in a tab, and ask again' });
}

/** What a page answers; null if it does not take the request. */
function ask(page: Page, asked: Asked): Promise<Answered | null> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const finish = (answered: Answered | null): void => {
      clearTimeout(timer);
      port1.close();
      resolve(answered);
    };
    let timer = setTimeout(() => finish(null), TAKE_MS);
    port1.onmessage = ({ data }: MessageEvent<PageReply>) => {
      if ('answered' in data) return finish(data.answered);
      if ('refused' in data) return finish(refusal(data.refused));
      clearTimeout(timer);
      const late: Refusal = { status: 504, code: 'deadline_exceeded', message: 'the page did not answer in time' };
      timer = setTimeout(() => finish(refusal(late)), ANSWER_MS);
    };
    page.postMessage({ emberglass: 'pyroscope', asked }, [port2]);
  });
}
