/** Names in two parts: what may be cut where there is no room, and the end, which tells functions apart. */

/** Opens the receiver, the arguments or the type arguments of a function. */
const OPENING = /[([<{]/;

/** Start of the last part but one, of parts divided by `separator`; 0 if there are fewer than three. */
function lastTwo(text: string, separator: string): number {
  const last = text.lastIndexOf(separator);
  const before = last <= 0 ? -1 : text.lastIndexOf(separator, last - 1);
  return before < 0 ? 0 : before + separator.length;
}

/** Indices of `::` outside of `<...>`. */
function doubleColons(name: string): number[] {
  const found: number[] = [];
  let open = 0;
  for (let at = 0; at < name.length; at += 1) {
    const letter = name.charAt(at);
    if (letter === '<') open += 1;
    else if (letter === '>' && open > 0) open -= 1;
    else if (open === 0 && letter === ':' && name.charAt(at + 1) === ':') {
      found.push(at);
      at += 1;
    }
  }
  return found;
}

/**
 * The leading part of a function's name (import path, package, module) and its end; together they are the name.
 * `github.com/acme/shop/` and `store.(*Index).lookup`; `java.util.concurrent.` and `FutureTask.run`; `alloc::vec::` and
 * `Vec<T>::push`.
 */
export function splitName(name: string): [lead: string, end: string] {
  const colons = doubleColons(name);
  if (colons.length > 0) {
    const at = colons.length === 1 ? (name.startsWith('<') ? (colons[0] ?? 0) + 2 : 0) : (colons.at(-2) ?? 0) + 2;
    return [name.slice(0, at), name.slice(at)];
  }
  const opening = name.search(OPENING);
  const plain = opening < 0 ? name : name.slice(0, opening);
  const slash = plain.lastIndexOf('/') + 1;
  const at = slash > 0 ? slash : plain.includes(' ') ? 0 : lastTwo(plain, '.');
  return [name.slice(0, at), name.slice(at)];
}

/** The file of a path, without its folders. */
export function fileOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
