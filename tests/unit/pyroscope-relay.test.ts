import { afterEach, describe, expect, test, vi } from 'vitest';

import type { PageReply, PageRequest } from '../../www/engine/pyroscope-protocol.ts';
import { relay, targetOf } from '../../www/engine/pyroscope-relay.ts';
import type { Page } from '../../www/engine/pyroscope-relay.ts';

const SCOPE = 'https://example.org/some/path/';

/** An open page; `reply` says what it does with a request. */
function page(url: string, reply: (asked: PageRequest['asked'], port: MessagePort) => void, visibilityState = 'visible'): Page {
  return { url, visibilityState, postMessage: ({ asked }, [port]) => reply(asked, port as MessagePort) };
}

function scopeWith(...pages: Page[]) {
  return { registration: { scope: SCOPE }, clients: { matchAll: () => Promise.resolve(pages) } };
}

/** A page that answers with its own name and the target. */
function answering(name: string): (asked: PageRequest['asked'], port: MessagePort) => void {
  return (asked, port) => {
    port.postMessage({ taken: true } satisfies PageReply);
    const body = new TextEncoder().encode(`${name} ${asked.method} ${asked.target}`);
    port.postMessage({ answered: { status: 200, contentType: 'text/plain', body } } satisfies PageReply);
  };
}

const ask = (target: string, init?: RequestInit): Request => new Request(new URL(target.slice(1), SCOPE), init);

afterEach(() => void vi.useRealTimers());

test('paths of the interface below the scope are told from all others', () => {
  const of = (path: string): string | null => targetOf(new URL(path, SCOPE).href, SCOPE);
  expect(of('pyroscope/render?query=a%7B%7D')).toBe('/pyroscope/render?query=a%7B%7D');
  expect(of('querier.v1.QuerierService/Diff')).toBe('/querier.v1.QuerierService/Diff');
  for (const path of ['ingest?name=a', 'push.v1.PusherService/Push', 'v1development/profiles']) expect(of(path)).toBe(`/${path}`);
  for (const path of ['', 'index.html', 'pyroscope', 'ingest/x', 'assets/pyroscope/x', '/pyroscope/render', 'https://example.com/pyroscope/render']) {
    expect(of(path), path).toBeNull();
  }
});

describe('a request', () => {
  test('goes to a visible page of the scope', async () => {
    const elsewhere = page('https://example.org/other/', answering('elsewhere'));
    const answerTab = page(`${SCOPE}pyroscope/render`, answering('answer'));
    const hidden = page(SCOPE, answering('hidden'), 'hidden');
    const visible = page(`${SCOPE}#view`, answering('visible'));
    const response = await relay(ask('/pyroscope/render'), '/pyroscope/render', scopeWith(elsewhere, answerTab, hidden, visible));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain']);
    expect(await response.text()).toBe('visible GET /pyroscope/render');
  });

  test('has its body and headers with it', async () => {
    const asked: PageRequest['asked'][] = [];
    const one = page(SCOPE, (of, port) => {
      asked.push(of);
      answering('one')(of, port);
    });
    const request = ask('/querier.v1.QuerierService/Diff', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    await relay(request, '/querier.v1.QuerierService/Diff', scopeWith(one));
    expect(asked[0]?.headers).toEqual(['content-type', 'application/json']);
    expect(new TextDecoder().decode(asked[0]?.body)).toBe('{}');
  });

  test('goes to the next page when one does not take it', async () => {
    vi.useFakeTimers();
    const frozen = page(SCOPE, () => undefined);
    const response = relay(ask('/pyroscope/render'), '/pyroscope/render', scopeWith(frozen, page(SCOPE, answering('second'))));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await (await response).text()).toBe('second GET /pyroscope/render');
  });

  test('is refused without a page, and when a page says why', async () => {
    const nobody = await relay(ask('/pyroscope/render'), '/pyroscope/render', scopeWith());
    expect([nobody.status, ((await nobody.json()) as { code: string }).code]).toEqual([503, 'unavailable']);
    const lost = page(SCOPE, (_asked, port) => port.postMessage({ refused: { status: 500, code: 'internal', message: 'why' } } satisfies PageReply));
    const refused = await relay(ask('/pyroscope/render'), '/pyroscope/render', scopeWith(lost));
    expect([refused.status, await refused.json()]).toEqual([500, { code: 'internal', message: 'why' }]);
  });
});
