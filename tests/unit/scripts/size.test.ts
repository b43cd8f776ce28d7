import { describe, expect, test } from 'vitest';

import { overBudget } from '../../../scripts/size.mjs';

const budget = { 'site/app.js': { raw: 1000, gzip: 400 } };

describe('the size budget', () => {
  test('allows growth of 3 %', () => {
    expect(overBudget({ 'site/app.js': { raw: 1030, gzip: 412 } }, budget)).toEqual([]);
  });

  test('refuses more, raw and gzipped', () => {
    expect(overBudget({ 'site/app.js': { raw: 1031, gzip: 413 } }, budget)).toEqual([
      'site/app.js: raw 1031 bytes, 3.1 % over the budget of 1000',
      'site/app.js: gzip 413 bytes, 3.2 % over the budget of 400',
    ]);
  });

  test('names every artefact that is shipped, and no other', () => {
    expect(overBudget({ 'site/new.js': { raw: 1, gzip: 1 } }, budget)).toEqual([
      'site/new.js: not in the budget',
      'site/app.js: in the budget, but not built',
    ]);
  });
});
