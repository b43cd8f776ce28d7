/** A recording of many threads with a time for each sample, as Firefox writes them. */

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

import { chance } from './graph.mjs';

const FUNCTIONS = 400;
const DEEPEST = 24;
/** Time between two samples, ms; one in 50 comes after a pause. */
const INTERVAL = 0.5;

/**
 * Writes `samples` samples over `threads` threads that run beside each other.
 * @param {string} path
 * @param {number} samples
 * @param {number} threads
 */
export async function writeThreads(path, samples, threads) {
  const random = chance(7);
  const out = createWriteStream(path);
  const write = async (/** @type {string} */ text) => {
    if (!out.write(text)) await once(out, 'drain');
  };
  const startTime = Date.UTC(2026, 10, 26, 10, 0, 0);
  await write(`{"meta":{"version":24,"preprocessedProfileVersion":49,"interval":${INTERVAL},"startTime":${startTime},"product":"threads","processType":0,"sampleUnits":{"time":"ms","eventDelay":"ms","threadCPUDelta":"µs"},"categories":[{"name":"Other","color":"grey","subcategories":["Other"]}],"markerSchema":[]},"libs":[],"threads":[`);
  const names = Array.from({ length: FUNCTIONS }, (_, row) => `f${row}`);
  const rows = Array.from({ length: FUNCTIONS }, (_, row) => row);
  const same = (/** @type {unknown} */ value) => rows.map(() => value);
  for (let thread = 0; thread < threads; thread += 1) {
    /** @type {Map<number, number>} */
    const known = new Map();
    const [prefix, frame] = [/** @type {(number | null)[]} */ ([]), /** @type {number[]} */ ([])];
    const [stacks, times] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
    const open = /** @type {number[]} */ ([]);
    let now = thread / threads;
    for (let sample = 0; sample < samples / threads; sample += 1) {
      open.length = Math.min(open.length, Math.floor(DEEPEST * (1 - random() ** 3)));
      while (open.length === 0 || (open.length < DEEPEST && random() < 0.7)) {
        const above = open.at(-1) ?? -1;
        const key = (above + 1) * FUNCTIONS + Math.floor(random() * FUNCTIONS);
        let node = known.get(key);
        if (node === undefined) {
          node = prefix.push(above < 0 ? null : above) - 1;
          frame.push(key % FUNCTIONS);
          known.set(key, node);
        }
        open.push(node);
      }
      stacks.push(/** @type {number} */ (open.at(-1)));
      times.push(Math.round(now * 1e6) / 1e6);
      now += INTERVAL * (random() < 0.02 ? 1 + random() * 40 : 1);
    }
    const zeros = prefix.map(() => 0);
    await write((thread === 0 ? '' : ',') + JSON.stringify({
      name: `worker ${thread}`, isMainThread: thread === 0, pid: '1', tid: String(100 + thread), processName: 'threads', processType: 'default',
      processStartupTime: 0, processShutdownTime: null, registerTime: 0, unregisterTime: null, pausedRanges: [],
      markers: { length: 0, category: [], data: [], endTime: [], name: [], phase: [], startTime: [] },
      samples: { length: stacks.length, weightType: 'samples', stack: stacks, time: times, weight: null },
      stackTable: { length: prefix.length, prefix, frame, category: zeros, subcategory: zeros },
      frameTable: { length: FUNCTIONS, address: same(-1), inlineDepth: same(0), category: same(0), subcategory: same(0), func: rows, nativeSymbol: same(null), innerWindowID: same(null), implementation: same(null), line: same(null), column: same(null) },
      funcTable: { length: FUNCTIONS, name: rows, isJS: same(false), relevantForJS: same(false), resource: same(-1), fileName: same(null), lineNumber: same(null), columnNumber: same(null) },
      nativeSymbols: { length: 0, address: [], functionSize: [], libIndex: [], name: [] },
      resourceTable: { length: 0, lib: [], name: [], host: [], type: [] },
      stringArray: names,
    }));
  }
  out.end(']}');
  await once(out, 'close');
}
