/** Stacks out of pprof files, and files out of stacks: what benches need of the format. */

import { gunzipSync, gzipSync } from 'node:zlib';

import { Profile, StringTable } from 'pprof-format';

/**
 * @typedef {object} Frame
 * @property {string} name
 * @property {string} file
 * @property {number} line
 *
 * @typedef {Frame[]} Stack from the leaf; equal frames are one object
 *
 * @typedef {object} Meaning
 * @property {string} service its binary is named so
 * @property {number} startMs
 * @property {number} durationMs
 */

/** Nanoseconds of a sample. */
export const PERIOD = 10_000_000;
const NS_PER_MS = 1_000_000n;

/**
 * The samples of a gzipped file: stack and first value.
 * @param {Uint8Array} file
 * @param {Map<string, Frame>} frames those that are known, and those that were found
 * @returns {{ stack: Stack, count: number }[]}
 */
export function read(file, frames) {
  const { function: functions, location, sample, stringTable } = Profile.decode(gunzipSync(file));
  const text = (/** @type {number | bigint} */ id) => stringTable.strings[Number(id)] ?? '';
  const named = new Map(functions.map(({ id, name, filename }) => [id, { name: text(name), file: text(filename) }]));
  const lines = new Map(
    location.map(({ id, line }) => [
      id,
      line.map(({ functionId, line }) => {
        const frame = { name: '', file: '', ...named.get(functionId), line: Number(line) };
        const key = JSON.stringify(frame);
        const known = frames.get(key) ?? frame;
        frames.set(key, known);
        return known;
      }),
    ]),
  );
  return sample.map(({ locationId, value }) => ({ stack: locationId.flatMap((id) => lines.get(id) ?? []), count: Number(value[0]) }));
}

/**
 * A gzipped CPU profile as Go writes it, with the functions that it uses only.
 * @param {Iterable<readonly [Stack, number]>} samples
 * @param {Meaning} meaning
 */
export function write(samples, { service, startMs, durationMs }) {
  const strings = new StringTable();
  const text = (/** @type {string} */ word) => strings.dedup(word);
  const cpu = { type: text('cpu'), unit: text('nanoseconds') };
  /** @type {Map<Frame, number>} */
  const locations = new Map();
  const sample = Array.from(samples, ([stack, count]) => ({
    locationId: stack.map((frame) => idOf(locations, frame)),
    value: [count, count * PERIOD],
  }));
  /** @type {Map<string, number>} */
  const ids = new Map();
  /** @type {import('pprof-format').FunctionInput[]} */
  const functions = [];
  const location = Array.from(locations, ([{ name, file, line }, id]) => {
    const functionId = idOf(ids, `${name}\0${file}`);
    functions[functionId - 1] ??= { id: functionId, name: text(name), systemName: text(name), filename: text(file) };
    return { id, mappingId: 1, address: 0x400000 + 16 * id, line: [{ functionId, line }] };
  });
  const profile = new Profile({
    sampleType: [{ type: text('samples'), unit: text('count') }, cpu],
    sample,
    mapping: [{ id: 1, memoryStart: 0x400000, memoryLimit: 0x800000, filename: text(`/usr/bin/${service}`), hasFunctions: true }],
    location,
    function: functions,
    stringTable: strings,
    timeNanos: BigInt(startMs) * NS_PER_MS,
    durationNanos: BigInt(durationMs) * NS_PER_MS,
    periodType: cpu,
    period: PERIOD,
  });
  return gzipSync(profile.encode(), { level: 6 });
}

/**
 * @template K
 * @param {Map<K, number>} ids from 1 on
 * @param {K} key
 */
function idOf(ids, key) {
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, ids.size + 1);
  return ids.size;
}
