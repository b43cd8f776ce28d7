/**
 * Proves the floors of the house with `cargo metadata`: a crate uses only crates below it, the core knows nothing of
 * JavaScript, and every crate of the workspace stands on a known floor.
 */

import { main, say } from './lib/log.mjs';
import { isMain } from './lib/paths.mjs';
import { ToolError, ask } from './lib/run.mjs';

/** From the bottom up. */
export const FLOORS = [
  ...['columns', 'demangle', 'profile', 'labels', 'trie', 'formats', 'store', 'query', 'views', 'engine', 'pyroscope', 'files'],
  ...['wasm-base', 'wasm-demangle', 'wasm-formats', 'wasm-files', 'wasm-server', 'wasm'],
];
const PREFIX = 'emberglass-';
/** Only the bindings may reach these. */
const JAVASCRIPT = ['js-sys', 'wasm-bindgen', 'web-sys', 'idb', 'serde-wasm-bindgen', 'wasm-bindgen-futures'];

/**
 * @typedef {object} Metadata the part of `cargo metadata` that is read
 * @property {string[]} workspace_members
 * @property {{ id: string, name: string }[]} packages
 * @property {{ nodes: { id: string, deps: { pkg: string, dep_kinds: { kind: string | null }[] }[] }[] }} resolve
 */

/**
 * @param {Metadata} metadata
 * @returns {string[]} what stands on the wrong floor, a line each
 */
export function layeringFaults(metadata) {
  const names = new Map(metadata.packages.map(({ id, name }) => [id, name]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const nameOf = (/** @type {string} */ id) => names.get(id) ?? id;
  const floorOf = (/** @type {string} */ id) => FLOORS.indexOf(nameOf(id).replace(PREFIX, ''));
  const members = new Set(metadata.workspace_members);
  const faults = [];
  for (const member of members) {
    const floor = floorOf(member);
    if (!nameOf(member).startsWith(PREFIX) || floor < 0) {
      faults.push(`${nameOf(member)} stands on no floor: name it in scripts/layering.mjs`);
      continue;
    }
    for (const { pkg } of nodes.get(member)?.deps ?? []) {
      // A crate may name itself for its tests: that is how they switch on a feature of it.
      if (pkg !== member && members.has(pkg) && floorOf(pkg) >= floor) faults.push(`${nameOf(member)} uses ${nameOf(pkg)}, which is not below it`);
    }
    if (!/^wasm\b/.test(FLOORS[floor] ?? '')) {
      const path = pathTo(member, (id) => JAVASCRIPT.includes(nameOf(id)), nodes);
      if (path !== null) faults.push(`${nameOf(member)} reaches JavaScript: ${path.map(nameOf).join(' > ')}`);
    }
  }
  return faults;
}

/**
 * A shortest path of normal dependencies from a package to one that `wanted` accepts, or null.
 * @param {string} start
 * @param {(id: string) => boolean} wanted
 * @param {Map<string, Metadata['resolve']['nodes'][number]>} nodes
 */
function pathTo(start, wanted, nodes) {
  /** @type {Map<string, string | null>} */
  const cameFrom = new Map([[start, null]]);
  for (const id of cameFrom.keys()) {
    if (wanted(id)) {
      const path = [];
      for (let step = /** @type {string | null} */ (id); step !== null; step = cameFrom.get(step) ?? null) path.unshift(step);
      return path;
    }
    for (const { pkg, dep_kinds: kinds } of nodes.get(id)?.deps ?? []) {
      if (!cameFrom.has(pkg) && kinds.some(({ kind }) => kind === null)) cameFrom.set(pkg, id);
    }
  }
  return null;
}

/** Throws with every fault. */
export function checkLayering() {
  const text = ask('cargo', ['metadata', '--format-version', '1', '--filter-platform', 'wasm32-unknown-unknown']);
  if (text === null) throw new ToolError('cargo metadata failed: run it to see why');
  const faults = layeringFaults(JSON.parse(text));
  if (faults.length > 0) throw new ToolError(`layering\n  ${faults.join('\n  ')}`);
  say('layering', `holds: ${FLOORS.toReversed().join(' > ')}`);
}

if (isMain(import.meta.url)) {
  await main(async () => checkLayering());
}
