/** The part of the site's build that makes the service worker: one script beside the page, which lists the files of the site. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { filesBelow } from './stamps.mjs';

export const SCRIPT = 'service-worker.js';

/** Files that are fetched when they are asked for, not beforehand: examples, and what answers Pyroscope's interface. */
const LATER = /^(examples\/|assets\/emberglass_server_bg-)/;

/**
 * Writes the list of files, and a hash of what is in them, into the script. What the page is asked for as `./` stands for its
 * file.
 * @param {string} script
 * @param {Map<string, string | Uint8Array>} files by path below the site, the script left out
 */
export function withFiles(script, files) {
  const hash = createHash('sha256');
  const paths = [...files.keys()].sort();
  for (const path of paths) {
    const content = files.get(path) ?? '';
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  const list = paths.map((path) => (path === 'index.html' ? './' : `./${path}`));
  return script.replaceAll('SITE_FILES', JSON.stringify(list)).replaceAll('SITE_VERSION', JSON.stringify(hash.digest('hex').slice(0, 16)));
}

/** @returns {import('vite').Plugin} */
export function serviceWorker() {
  let publicFolder = '';
  return {
    name: 'emberglass-service-worker',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const script = bundle[SCRIPT];
        if (script?.type !== 'chunk') return this.error(`${SCRIPT} is not in the bundle`);
        if (script.imports.length > 0) return this.error(`${SCRIPT} has to stand alone`);
        /** @type {Map<string, string | Uint8Array>} */
        const files = new Map();
        for (const [path, made] of Object.entries(bundle)) {
          if (path !== SCRIPT && !LATER.test(path)) files.set(path, made.type === 'chunk' ? made.code : made.source);
        }
        for (const file of filesBelow([publicFolder])) {
          const path = relative(publicFolder, file).replaceAll('\\', '/');
          if (!LATER.test(path)) files.set(path, readFileSync(join(publicFolder, path)));
        }
        script.code = withFiles(script.code, files);
        return undefined;
      },
    },
  };
}
