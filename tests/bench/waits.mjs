/**
 * How long another call waits beside each question about millions of nodes: what holds the worker up holds up the next
 * question, and the giving up of this one.
 */

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

import { importFiles, inBrowser } from './browser.mjs';
import { chance } from './graph.mjs';

const FUNCTIONS = 20_000;
const DEPTH = 60;
const SETTLED_MS = 5000;

/**
 * Writes folded stacks of at least so many nodes, as deep as those of a service: each leaves the one before at some level.
 * @param {string} path
 * @param {number} nodes
 * @param {number} seed other stacks and values
 */
export async function writeWide(path, nodes, seed) {
  const random = chance(seed);
  const out = createWriteStream(path);
  const stack = Array.from({ length: DEPTH }, () => 0);
  for (let made = 0, from = 0; made < nodes; ) {
    for (let level = from; level < DEPTH; level += 1) stack[level] = Math.floor(random() ** 2 * FUNCTIONS);
    made += DEPTH - from;
    if (!out.write(`${stack.map((of) => `f${of}`).join(';')} ${1 + Math.floor(random() * 100)}\n`)) await once(out, 'drain');
    from = Math.floor(DEPTH * (1 - random() ** 2));
  }
  out.end();
  await once(out, 'close');
}

/**
 * Asks every question about two imported files; of each, how long it took and the longest wait of another call beside it, ms.
 * @param {string} url
 * @param {[string, string]} files
 */
export async function waits(url, files) {
  return await inBrowser(url, async (page) => {
    await importFiles(page, files[0]);
    await importFiles(page, files[1]);
    // The page asks for what was imported and draws it; a wait for its own work is none for the engine.
    await page.waitForTimeout(SETTLED_MS);
    return await page.evaluate(ask);
  });
}

/** Runs in the page. */
async function ask() {
  const { client } = globalThis.emberglass;
  const { services } = await client.call('catalog');
  const profileType = services[0]?.types[0]?.id ?? '';
  const all = { profileType, matchers: '{}', from: null, until: null };
  const { rows } = await client.call('profiles', all, 0, 3);
  const [one, two] = rows.map(({ start }) => ({ ...all, from: start, until: start + 1n }));
  if (rows.length !== 2 || one === undefined || two === undefined) throw new Error(`${rows.length} profiles are stored`);

  /** @type {{ question: string, ms: number, wait: number }[]} */
  const found = [];
  /**
   * @template T
   * @param {string} question
   * @param {() => Promise<T>} body
   * @returns {Promise<T>}
   */
  const beside = async (question, body) => {
    await client.call('status');
    let over = false;
    let wait = 0;
    const began = performance.now();
    const asked = body().finally(() => (over = true));
    while (!over) {
      const from = performance.now();
      await client.call('status');
      wait = Math.max(wait, performance.now() - from);
    }
    const answer = await asked;
    found.push({ question, ms: performance.now() - began, wait });
    return answer;
  };
  const top = { sort: /** @type {const} */ ('self'), descending: true, offset: 0, limit: 100, pattern: '', filter: /** @type {const} */ ('all') };
  const frame = { focus: 0, x0: 0, x1: 1, depth0: 0, depth1: 40, width: 1440, minWidth: 1, nameWidth: 30, search: '' };

  const base = await beside('query', () => client.call('query', one));
  const head = await beside('query, the other', () => client.call('query', two));
  const { handle, epoch } = { handle: head.handle, epoch: client.epoch };
  await beside('first draw', () => client.callIn(epoch, 'draw', handle, frame));
  await beside('draw with a search', () => client.callIn(epoch, 'draw', handle, { ...frame, search: '/f1.*7/' }));
  await beside('search', () => client.call('search', handle, '/f1.*9/'));
  await beside('functions', () => client.call('top', handle, 'self', true, 0, 100, ''));
  await beside('stacks', () => client.call('stacks', handle, 0, 100));
  await beside('lines', () => client.call('lines', handle, null, 0, 100));
  await beside('files', () => client.call('sourceFiles', handle));
  await beside('call graph', () => client.call('callGraph', handle, 100));
  await beside('export', () => client.call('batch', handle));
  for (const filter of ['hide:/^f1/', 'focus:/^f2/', 'merge:/^f3/', 'collapse:/./']) {
    const { handle: filtered } = await beside(`filter ${filter}`, () => client.call('query', { ...two, filters: [filter] }));
    await client.call('release', filtered);
  }
  const { handle: packages } = await beside('by package', () => client.call('query', { ...two, granularity: /** @type {const} */ ('package') }));
  await client.call('release', packages);
  for (const request of [
    { handle, kind: /** @type {const} */ ('inverted') },
    { handle, kind: /** @type {const} */ ('callers'), pattern: 'f17' },
    { handle, kind: /** @type {const} */ ('callees'), pattern: 'f17' },
  ]) {
    const derived = await beside(request.kind, () => client.call('derive', request));
    await beside(`${request.kind}, first draw`, () => client.call('draw', derived.handle, frame));
    await client.call('release', derived.handle);
  }
  const diff = await beside('diff', () => client.call('derive', { handle, kind: 'diff', base: base.handle, normalised: true }));
  await beside('diff, first draw', () => client.call('draw', diff.handle, frame));
  await beside('diff, functions', () => client.call('diffTop', diff.handle, top));
  await beside('diff, functions by name', () => client.call('diffTop', diff.handle, { ...top, sort: 'name' }));
  await beside('diff, nodes', () => client.call('diffNodes', diff.handle, top));
  await beside('diff, nodes by name', () => client.call('diffNodes', diff.handle, { ...top, sort: 'name' }));
  await beside('diff, nodes that match', () => client.call('diffNodes', diff.handle, { ...top, pattern: '/f1.*3/' }));
  return { nodes: head.nodes, questions: found };
}
