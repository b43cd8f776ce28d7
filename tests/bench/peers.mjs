/** The same files through Emberglass and through others, one after the other in one run: only ratios mean something. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gunzipSync } from 'node:zlib';

import { Profile } from 'pprof-format';

import init, { Decoder } from '../../www/engine/pkg/emberglass_formats.js';
import { CLI, PKG } from '../../scripts/lib/paths.mjs';
import { findPprof } from '../../scripts/lib/pprof.mjs';
import { run } from '../../scripts/lib/run.mjs';

const ROUNDS = 5;

/**
 * @typedef {object} Compared
 * @property {string} what
 * @property {string} peer
 * @property {number | null} ms null where the peer is missing
 * @property {number | null} peerMs
 */

/**
 * The least time of some runs, ms.
 * @param {() => unknown} work
 */
async function best(work) {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  const file = { size: bytes.length, read: (/** @type {number} */ offset, /** @type {number} */ length) => bytes.slice(offset, offset + length) };
  const decoder = new Decoder(file, 'profile.pb.gz');
  const { decoded } = decoder.next(() => true);
  decoder.free();
  if (decoded === undefined) throw new Error('a profile can not be decoded');
}

/**
 * @param {string[]} files gzipped pprof
 * @returns {Promise<Compared[]>}
 */
export async function peers(files) {
  await init({ module_or_path: readFileSync(join(PKG, 'emberglass_formats_bg.wasm')) });
  const contents = files.map((file) => readFileSync(file));
  const what = `decoding ${files.length} files, one thread`;
  const decoding = {
    what,
    peer: 'pprof-format (npm), which keeps messages as objects',
    ms: await best(() => contents.forEach(decode)),
    peerMs: await best(() => contents.forEach((bytes) => Profile.decode(gunzipSync(bytes)))),
  };
  const emberglass = [process.execPath, join(CLI, 'emberglass.mjs'), 'top', ...files, '--json'];
  const ms = await best(() => run(emberglass, { quiet: true }));
  const pprof = findPprof();
  const peerMs = pprof === null ? null : await best(() => run([pprof, '-top', ...files], { quiet: true }));
  return [decoding, { what: `top functions of ${files.length} files, from a start of the process`, peer: 'pprof -top (Go)', ms, peerMs }];
}
