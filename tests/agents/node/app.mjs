/** Burns processor time for a while under the agent of Pyroscope. */

import { createRequire } from 'node:module';

const [, , server, packages] = process.argv;
const Pyroscope = createRequire(`${packages}/package.json`)('@pyroscope/nodejs');

/** @param {number} rounds */
function hash(rounds) {
  let sum = 0;
  for (let at = 0; at < rounds; at++) sum = (Math.imul(sum ^ at, 16777619) >>> 0) % 2147483647;
  return sum;
}

Pyroscope.init({ serverAddress: server, appName: 'agent.node', tags: { region: 'eu' }, flushIntervalMs: 1000, wall: { collectCpuTime: true } });
Pyroscope.start();
const end = Date.now() + 4000;
let sum = 0;
function work() {
  const until = Date.now() + 50;
  while (Date.now() < until) sum += hash(100_000);
  if (Date.now() < end) setTimeout(work, 1);
  else void Pyroscope.stop().then(() => process.exit(Number.isNaN(sum) ? 1 : 0));
}
work();
