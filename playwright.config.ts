import { defineConfig } from '@playwright/test';

/** End-to-end tests of the production build in the distribution's Chromium; tests/e2e/harness.ts starts both. */
export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'tests/e2e/.results',
  forbidOnly: true,
  fullyParallel: false,
  workers: 2,
  retries: 0,
  // What waits is told apart from what is slow by a wide margin: machines that share their disk stand still at times.
  timeout: 180_000,
  expect: {
    timeout: 40_000,
    // A label that moved by a pixel changes more than this.
    toHaveScreenshot: { threshold: 0.02, maxDiffPixels: 8, animations: 'disabled', caret: 'hide', scale: 'css' },
  },
  // Pictures are accepted on purpose only: npm run accept-pictures.
  snapshotPathTemplate: '{testDir}/accepted/{arg}{ext}',
  updateSnapshots: 'none',
  reporter: [['list']],
});
