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
/** @type {Promise<unknown> | null} */
let ready = null;

/**
 * A file of folded stacks, decoded: base64 of its batch.
 * @param {string} name
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function batchOf(name, text) {
  ready ??= init({ module_or_path: readFileSync(join(PKG, 'emberglass_formats_bg.wasm')) });
  await ready;
  const bytes = new TextEncoder().encode(text);
  const file = { size: bytes.length, read: (/** @type {number} */ offset, /** @type {number} */ length) => bytes.slice(offset, offset + length) };
  const decoder = new Decoder(file, name);
  const member = decoder.next(() => true);
  decoder.free();
  return Buffer.from(member.decoded.batch).toString('base64');
}

/**
 * Inputs [from, until), each unlike all others.
 * @param {number} from
 * @param {number} until
 * @returns {Promise<Input[]>}
 */
export async function inputs(from, until) {
  const all = Array.from({ length: until - from }, async (_, at) => {
    const number = from + at;
    const value = 1000 + number;
    const stacks = Array.from({ length: 20 }, (_unused, depth) => `main;worker;f${number % 7};g${depth} 1`);
    const name = `${number}.folded`;
    return { name, value, batch: await batchOf(name, [...stacks, `main;input${number} ${value - stacks.length}`, ''].join('\n')) };
  });
  return await Promise.all(all);
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
