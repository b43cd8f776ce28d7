/** Checks of accessibility. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect } from './harness.ts';

/** Expects that axe finds nothing on the page as it is; the test goes on all the same, and fails at its end. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // What is right is not described: on a page of a thousand elements that takes longest. Nor is what is found carried to a page
  // of axe's own and worked out there, which is for frames of other origins: the app has none.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  expect.soft(found, where).toEqual([]);
}
