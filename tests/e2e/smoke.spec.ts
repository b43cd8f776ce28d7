import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CONTENT_SECURITY_POLICY } from '../../scripts/lib/csp.mjs';
import { SITE } from '../../scripts/lib/paths.mjs';
import { serve } from '../../scripts/serve.mjs';
import { expect, test } from './harness.ts';

test('the page loads under the strict policy', async ({ page }) => {
  const response = await page.goto('/');
  expect(response?.status()).toBe(200);
  expect(response?.headers()['content-security-policy']).toBe(CONTENT_SECURITY_POLICY);
  await expect(page).toHaveTitle(/Emberglass/);
  await expect(page.locator('input[type=file]').first()).toBeAttached();
});

test('the page works from a subfolder of any host', async ({ context, problems }) => {
  const root = await mkdtemp(join(tmpdir(), 'emberglass-host-'));
  await cp(SITE, join(root, 'some', 'path'), { recursive: true });
  const host = await serve({ port: 0, root });
  try {
    problems.watch(context, host);
    const page = await context.newPage();
    await page.goto(`${host.url}some/path/`);
    await expect(page.locator('input[type=file]').first()).toBeAttached();
    await page.close();
  } finally {
    await host.close();
    await rm(root, { recursive: true });
  }
});
