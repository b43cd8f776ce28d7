/**
 * From the paths of a profile (`/home/ci/build/app/main.go`, `github.com/x/y@v1.2.3/z.go`, `webpack://shop/./src/cart.js`) to those
 * of the files at hand: by rules, else by the longest end that both have.
 */

/** Paths that begin with `from` begin with `to` in its place. */
export interface PathRule {
  from: string;
  to: string;
}

/** A path without scheme and dots, with `/` between its parts. */
export function cleanPath(file: string): string {
  let path = file.replaceAll('\\', '/');
  const scheme = /^[a-z][\w+.-]*:\/\//i.exec(path);
  if (scheme !== null) {
    path = path.slice(scheme[0].length).replace(/[?#].*$/, '');
    try {
      path = decodeURIComponent(path);
    } catch {
      // A `%` that stands for itself.
    }
  }
  const parts: string[] = [];
  for (const [at, part] of path.split('/').entries()) {
    if (part === '.' || (part === '' && at > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '' && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** The name at the end of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path as the rule with the longest beginning makes it; null where none is of it. */
export function ruled(path: string, rules: readonly PathRule[]): string | null {
  let best: PathRule | null = null;
  for (const rule of rules) {
    const { from } = rule;
    const isOf = path === from || (path.startsWith(from) && (from === '' || from.endsWith('/') || path[from.length] === '/'));
    if (isOf && (best === null || from.length > best.from.length)) best = rule;
  }
  if (best === null) return null;
  const rest = path.slice(best.from.length);
  const { to } = best;
  return to === '' || to.endsWith('/') ? `${to}${rest.replace(/^\//, '')}` : rest === '' || rest.startsWith('/') ? `${to}${rest}` : `${to}/${rest}`;
}

/** A part of a path as it is compared: without the version of a Go module. */
function bare(part: string): string {
  const at = part.indexOf('@v');
  return at > 0 ? part.slice(0, at) : part;
}

/** How many parts two paths have in common at their ends. */
function commonEnd(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  let count = 0;
  while (count < left.length && count < right.length && bare(left[left.length - 1 - count] ?? '') === bare(right[right.length - 1 - count] ?? '')) count += 1;
  return count;
}

/** The rule that leads from the one path to the other, and so from its neighbours to theirs; of one file where nothing but its name tells. */
export function ruleOf(path: string, target: string): PathRule {
  const common = commonEnd(path, target);
  const end = path.split('/').slice(-common).join('/');
  const from = path.slice(0, path.length - end.length);
  if (common < 2 || from === '') return { from: path, to: target };
  return { from, to: target.slice(0, target.length - target.split('/').slice(-common).join('/').length) };
}

/** Which of the files at hand a path means. */
export type Found =
  /** `parts`: how many at the end are the same; `isRuled`: a rule says so. */
  | { kind: 'one'; path: string; parts: number; isRuled: boolean }
  | { kind: 'several'; paths: string[] }
  | { kind: 'none' };

/** Files at hand, by their names. */
export class PathIndex {
  readonly #byName = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;

  constructor(paths: Iterable<string>) {
    this.#all = new Set(paths);
    for (const path of this.#all) {
      const name = nameOf(path);
      const same = this.#byName.get(name);
      if (same === undefined) this.#byName.set(name, [path]);
      else same.push(path);
    }
  }

  get size(): number {
    return this.#all.size;
  }

  /** The file that a path of a profile means. */
  find(file: string, rules: readonly PathRule[]): Found {
    const path = cleanPath(file);
    const target = ruled(path, rules);
    if (target !== null && this.#all.has(target)) return { kind: 'one', path: target, parts: commonEnd(path, target), isRuled: true };
    let best = 0;
    let found: string[] = [];
    for (const each of this.#byName.get(nameOf(path)) ?? []) {
      const common = commonEnd(target ?? path, each);
      if (common > best) [best, found] = [common, []];
      if (common === best) found.push(each);
    }
    const [first] = found;
    if (first === undefined) return { kind: 'none' };
    return found.length === 1 ? { kind: 'one', path: first, parts: best, isRuled: false } : { kind: 'several', paths: found.sort() };
  }
}
