/**
 * What every end-to-end test gets: the production build served under the strict policy, a profile of its own in the
 * distribution's Chromium, and the demand that nothing goes wrong unnoticed: a console error, an uncaught exception,
 * a policy violation, a failed response or a crash fails the test.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from '@playwright/test';
import { test as base, chromium, expect } from '@playwright/test';

import { CHROMIUM_FLAGS, findChromium } from '../../scripts/lib/chromium.mjs';
import { CONTENT_SECURITY_POLICY } from '../../scripts/lib/csp.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { serve } from '../../scripts/serve.mjs';

export { expect, inRoot };

/** A path below tests/fixtures. */
export function fixture(...parts: string[]): string {
  return inRoot('tests', 'fixtures', ...parts);
}

/** What went wrong in the browser so far. */
export class Problems {
  readonly #found: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Problems that match are part of the test. */
  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** All others. */
  get unexpected(): string[] {
    return this.#found.filter((problem) => !this.#expected.some((pattern) => pattern.test(problem)));
  }

  /** Listens to all pages of a context, present and future. */
  watch(context: BrowserContext, site: Site): void {
    const note = (problem: string): void => void this.#found.push(problem);
    const ofPage = (page: Page): void => {
      page.on('crash', () => note(`page crashed: ${page.url()}`));
      page.on('pageerror', (error) => note(`uncaught: ${error.stack ?? error.message}`));
    };
    context.pages().forEach(ofPage);
    context.on('page', ofPage);
    context.on('console', (message: ConsoleMessage) => {
      if (message.type() === 'error') note(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('response', (response) => {
      if (!response.url().startsWith(site.url)) return;
      if (response.status() >= 400) note(`${response.status()}: ${response.url()}`);
      if (response.headers()['content-security-policy'] !== CONTENT_SECURITY_POLICY) note(`no policy: ${response.url()}`);
    });
  }
}

/** A running server of the built site. */
export type Site = Awaited<ReturnType<typeof serve>>;

/** The distribution's Chromium, and how it is started. */
function chromiumOptions(): { executablePath: string; args: string[] } {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no chromium: run node scripts/setup.mjs --tests');
  return { executablePath, args: CHROMIUM_FLAGS };
}

/** Violations of the policy are errors on the console. */
async function tellViolations(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
      // eslint-disable-next-line no-console
      console.error(`policy violation: ${violatedDirective} ${blockedURI} ${sample}`);
    });
  });
}

/**
 * Starts Chromium on a user data folder that outlives it: what is stored there is found by the next start. Without service
 * workers, unless asked for: requests are the page's own then, and can be changed by a test.
 */
export async function launch(userData: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(userData, { ...chromiumOptions(), serviceWorkers: 'block', ...options });
  await tellViolations(context);
  return context;
}

interface TestFixtures {
  problems: Problems;
  /** A new folder for files or for a browser's profile, removed after the test. */
  userData: string;
  /** A page of another browser, as of another person: what `page` stores is not there. */
  elsewhere: Page;
}

interface WorkerFixtures {
  site: Site;
  /** Runs until the last test: starting one takes as long as a short test. */
  chromium: Browser;
}

const VIEWPORT = { width: 1440, height: 900 };

/** A profile of its own in a browser that runs, kept in memory. */
async function newProfile(browser: Browser, site: Site, problems: Problems): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: site.url, viewport: VIEWPORT, serviceWorkers: 'block' });
  await tellViolations(context);
  problems.watch(context, site);
  return context;
}

/** Each test has a profile of its own, which is kept in memory. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  site: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const site = await serve({ port: 0 });
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  chromium: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const browser = await chromium.launch(chromiumOptions());
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  // eslint-disable-next-line no-empty-pattern
  problems: async ({}, use) => {
    const problems = new Problems();
    await use(problems);
    expect(problems.unexpected, 'nothing goes wrong in the browser').toEqual([]);
  },
  // eslint-disable-next-line no-empty-pattern
  userData: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'emberglass-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  },
  context: async ({ site, problems, chromium }, use) => {
    const context = await newProfile(chromium, site, problems);
    await use(context);
    await context.close();
  },
  elsewhere: async ({ site, problems, chromium }, use) => {
    const context = await newProfile(chromium, site, problems);
    await use(await context.newPage());
    await context.close();
  },
  page: async ({ context }, use) => {
    await use(context.pages()[0] ?? (await context.newPage()));
  },
});

/** As `test`, in a browser of its own that writes its profile to the disk. */
const onDisk = (serviceWorkers: 'allow' | 'block') =>
  test.extend<{ context: BrowserContext }>({
    context: async ({ site, problems, userData }, use) => {
      const context = await launch(userData, { baseURL: site.url, viewport: VIEWPORT, serviceWorkers });
      problems.watch(context, site);
      await use(context);
      await context.close();
    },
  });

/** For what is about storing. */
export const testOnDisk = onDisk('block');

/** With the service worker of the site. */
export const testWithServiceWorker = onDisk('allow');

/** Waits until the page is answered by its service worker. */
export async function governed(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}
