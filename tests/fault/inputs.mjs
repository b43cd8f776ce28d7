/** Inputs for fault tests: each a batch with one profile whose value tells which input it is. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import init, { Decoder } from '../../www/engine/pkg/emberglass_formats.js';
import { PKG } from '../../scripts/lib/paths.mjs';

/**
 * @typedef {object} Input
 * @property {string} name
 * @property {number} value the sum of its samples
 * @property {string} batch base64
 */

const SERVICES = 3;
let ready = false;

/**
 * Inputs [from, until), each unlike all others.
 * @param {number} from
 * @param {number} until
 * @returns {Promise<Input[]>}
 */
export async function inputs(from, until) {
  if (!ready) await init({ module_or_path: readFileSync(join(PKG, 'emberglass_formats_bg.wasm')) });
  ready = true;
  return Array.from({ length: until - from }, (_, at) => {
    const number = from + at;
    const value = 1000 + number;
    const stacks = Array.from({ length: 20 }, (_unused, depth) => `main;worker;f${number % 7};g${depth} 1`);
    const text = [...stacks, `main;input${number} ${value - stacks.length}`, ''].join('\n');
    const bytes = new TextEncoder().encode(text);
    const name = `${number}.folded`;
    const file = { size: bytes.length, read: (/** @type {number} */ offset, /** @type {number} */ length) => bytes.slice(offset, offset + length) };
    const decoder = new Decoder(file, name);
    const member = decoder.next(() => true);
    decoder.free();
    return { name, value, batch: Buffer.from(member.decoded.batch).toString('base64') };
  });
}

/**
 * What a page has to know to store an input; see `SourceInfo`.
 * @param {Input} input
 */
export function sourceOf({ name, batch }) {
  const number = Number.parseInt(name, 10);
  return {
    name,
    bytes: batch.length,
    modifiedMs: 1_700_000_000_000 + number * 10_000,
    importedMs: 1_700_000_000_000,
    labels: [['service_name', `service${number % SERVICES}`]],
    pathTemplate: null,
  };
}
