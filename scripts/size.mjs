/**
 * Sizes of what is shipped, raw and gzipped, against the committed budget (size-budget.json).
 * Names are those of the build without their content hash. `--update` writes what was measured as the new budget.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import { main } from './lib/log.mjs';
import { CLI, SITE, inRoot, isMain } from './lib/paths.mjs';
import { ToolError } from './lib/run.mjs';
import { filesBelow } from './lib/stamps.mjs';

/** An artefact may grow by this share before the tests fail. */
const TOLERANCE = 0.03;
const BUDGET = inRoot('size-budget.json');

/** @typedef {{ raw: number, gzip: number }} Size bytes */
/** @typedef {Record<string, Size>} Sizes by artefact, sorted by name */

/** @returns {Sizes} the wasm, every JavaScript and CSS file and the page of reports, of the site and of the command line */
export function measure() {
  /** @type {Sizes} */
  const sizes = {};
  for (const [group, folder] of [['site', SITE], ['cli', CLI]]) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const file of filesBelow([folder])) {
      if (!/\.(wasm|m?js|css)$|report[^/\\]*\.html$/.test(file)) continue;
      const name = `${group}/${relative(folder, file).replaceAll('\\', '/').replace(/-[\w-]{8}(\.\w+)$/, '$1')}`;
      const bytes = readFileSync(file);
      const { raw, gzip } = sizes[name] ?? { raw: 0, gzip: 0 };
      sizes[name] = { raw: raw + bytes.length, gzip: gzip + gzipSync(bytes, { level: 9 }).length };
    }
  }
  return Object.fromEntries(Object.entries(sizes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** @param {Sizes} sizes */
export function sizeTable(sizes) {
  const rows = Object.entries(sizes).map(([name, { raw, gzip }]) => [name, kib(raw), kib(gzip)]);
  const wide = Math.max(8, ...rows.map(([name = '']) => name.length));
  return [['artefact', 'raw', 'gzip'], ...rows]
    .map(([name = '', raw = '', gzip = '']) => `${name.padEnd(wide)}  ${raw.padStart(12)}  ${gzip.padStart(12)}`)
    .join('\n');
}

/**
 * What breaks the budget, a line each; empty when it holds. An artefact without a budget and a budget without an
 * artefact break it too: the file has to say what is shipped.
 * @param {Sizes} sizes
 * @param {Sizes} budget
 * @returns {string[]}
 */
export function overBudget(sizes, budget) {
  const faults = [];
  for (const [name, size] of Object.entries(sizes)) {
    const allowed = budget[name];
    if (allowed === undefined) {
      faults.push(`${name}: not in the budget`);
      continue;
    }
    for (const kind of /** @type {const} */ (['raw', 'gzip'])) {
      if (size[kind] > allowed[kind] * (1 + TOLERANCE)) {
        const growth = ((size[kind] / allowed[kind] - 1) * 100).toFixed(1);
        faults.push(`${name}: ${kind} ${size[kind]} bytes, ${growth} % over the budget of ${allowed[kind]}`);
      }
    }
  }
  for (const name of Object.keys(budget)) {
    if (!(name in sizes)) faults.push(`${name}: in the budget, but not built`);
  }
  return faults;
}

/** Throws with every fault when the build breaks the budget. */
export function checkBudget() {
  const sizes = measure();
  process.stdout.write(`${sizeTable(sizes)}\n`);
  /** @type {Sizes} */
  const budget = existsSync(BUDGET) ? JSON.parse(readFileSync(BUDGET, 'utf8')) : {};
  const faults = overBudget(sizes, budget);
  if (faults.length > 0) {
    throw new ToolError(`size budget (to accept: node scripts/size.mjs --update)\n  ${faults.join('\n  ')}`);
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    if (!process.argv.includes('--update')) return checkBudget();
    const sizes = measure();
    writeFileSync(BUDGET, `${JSON.stringify(sizes, null, 2)}\n`);
    process.stdout.write(`${sizeTable(sizes)}\n`);
  });
}
