/** Counts what fault tests found. */

import { rm } from 'node:fs/promises';

/** @typedef {import('./inputs.mjs').Input} Input */

export class Tally {
  faults = 0;
  kills = 0;
  tabs = 0;
  lost = 0;
  duplicated = 0;
  torn = 0;

  /**
   * Compares what is stored with what was acknowledged and offered.
   * @param {{ rows: [string, number][], faults: string[] }} found
   * @param {ReadonlySet<string>} acknowledged
   * @param {ReadonlyMap<string, Input>} offered
   */
  check({ rows, faults }, acknowledged, offered) {
    const counts = new Map();
    for (const [name, total] of rows) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (offered.get(name)?.value !== total) this.#report('torn', `${name} adds up to ${total}`);
    }
    for (const [name, count] of counts) if (count > 1) this.#report('duplicated', `${name} is there ${count} times`);
    for (const name of acknowledged) if (!counts.has(name)) this.#report('lost', name);
    for (const fault of faults) this.#report('torn', fault);
  }

  /**
   * @param {'lost' | 'duplicated' | 'torn'} kind
   * @param {string} what
   */
  #report(kind, what) {
    this[kind] += 1;
    process.stdout.write(`${kind}: ${what}\n`);
  }

  get clean() {
    return this.lost === 0 && this.duplicated === 0 && this.torn === 0;
  }

  toString() {
    const { faults, kills, tabs, lost, duplicated, torn } = this;
    return `faults ${faults}, kills ${kills}, tabs ${tabs}: lost ${lost}, duplicated ${duplicated}, torn ${torn}`;
  }
}

/**
 * Removes a folder of Chromium's, unless something was found: then it shows what is stored, and whether the browser or
 * the page made it so.
 * @param {Tally} tally
 * @param {string} userData
 */
export async function keepOrRemove(tally, userData) {
  if (tally.clean) await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  else process.stdout.write(`kept: ${userData}\n`);
}
