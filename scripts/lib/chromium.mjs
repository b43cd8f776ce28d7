/** The Chromium that tests run in: where it is, and the flags it gets. */

import { ask, which } from './run.mjs';

export const CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * What the environment names, and nothing else if it names something; else the first of the usual places.
 * @param {string | undefined} named
 * @param {...string} usual
 */
const find = (named, ...usual) => (named ? which(named) : which(...usual));

/** CHROMIUM, else the first on PATH; null where there is none. */
export function findChromium() {
  return find(
    process.env.CHROMIUM,
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  );
}

/** CHROMEDRIVER, else the one on PATH; null where there is none. */
export function findChromedriver() {
  return find(process.env.CHROMEDRIVER, 'chromedriver', '/usr/lib/chromium/chromedriver');
}

/**
 * The version a browser or driver reports, e.g. `156.0.8078.79`.
 * @param {string} file
 */
export function browserVersion(file) {
  return /\d+(\.\d+)+/.exec(ask(file, ['--version']) ?? '')?.[0] ?? null;
}
