/** Pyroscope's interface below the app's own address: the service worker hands requests to an open page. */

import type { Page } from '@playwright/test';

import { App, expectedOf } from './app.ts';
import { expect, fixture, governed, testWithServiceWorker as test } from './harness.ts';

const ALL_TIMES = { start: 1_000, end: 4_000_000_000_000 };

interface Answer {
  status: number;
  type: string | null;
  text: string;
}

/** A request of a page of the same site. */
async function ask(page: Page, path: string, init: RequestInit = {}): Promise<Answer> {
  return await page.evaluate(
    async ([url, options]) => {
      const response = await fetch(url, options);
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    },
    [path, init] as const,
  );
}

async function call(page: Page, method: string, request: unknown): Promise<Record<string, unknown>> {
  const answer = await ask(page, `querier.v1.QuerierService/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...ALL_TIMES, ...(request as object) }),
  });
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text) as Record<string, unknown>;
}

test('a page answers what other pages of the site ask, from what is stored', async ({ page, context, problems }) => {
  // Answers of the service worker carry a policy of their own, and some are refusals.
  problems.expect(/^no policy: .*(pyroscope\/|querier|ingest)/);
  problems.expect(/^(403|503|404): |status of (403|503|404)/);
  const app = new App(page);
  await app.open();
  await governed(page);
  expect(await call(page, 'ProfileTypes', {})).toEqual({});

  const first = fixture('folded', 'inferno-single.folded');
  await app.choose(first);
  await app.imported();
  const { profileTypes } = (await call(page, 'ProfileTypes', {})) as { profileTypes: { ID: string }[] };
  const type = profileTypes[0]?.ID ?? '';
  const total = (await expectedOf(first))[0]?.total ?? 0;
  expect(total).toBeGreaterThan(0);
  const merge = { profile_typeID: type, label_selector: '{}' };
  expect(await call(page, 'SelectMergeStacktraces', merge)).toMatchObject({ flamegraph: { total: String(total) } });

  // What is imported later is in the next answer.
  const second = fixture('folded', 'inferno-python.folded');
  await app.choose(second);
  await app.imported();
  const both = total + ((await expectedOf(second))[0]?.total ?? 0);
  expect(await call(page, 'SelectMergeStacktraces', merge)).toMatchObject({ flamegraph: { total: String(both) } });

  // Another tab, by its address alone.
  const query = `pyroscope/render?query=${encodeURIComponent(`${type}{}`)}&from=1000000000&until=4000000000`;
  const other = await context.newPage();
  const response = await other.goto(`/${query}`);
  expect(response?.status()).toBe(200);
  expect(response?.headers()['content-security-policy']).toBe("default-src 'none'");
  const { flamebearer } = JSON.parse((await response?.text()) ?? '') as { flamebearer: { numTicks: number } };
  expect(flamebearer.numTicks).toBe(both);

  // Writes are for `emberglass serve`.
  const pushed = await ask(page, 'ingest?name=a.cpu', { method: 'POST', body: 'main 1' });
  expect(pushed).toMatchObject({ status: 403, type: 'application/json' });
  expect(JSON.parse(pushed.text)).toMatchObject({ code: 'permission_denied' });
  // What is none of the interface goes to the network.
  expect((await ask(page, 'pyroscope')).status).toBe(404);

  // Without a page of the app there is nobody to ask.
  await page.close();
  const nobody = await other.goto(`/${query}`);
  expect(nobody?.status()).toBe(503);
  expect(JSON.parse((await nobody?.text()) ?? '')).toMatchObject({ code: 'unavailable' });
});
