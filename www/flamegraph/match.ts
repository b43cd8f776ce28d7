/**
 * Finds the searched part of a name, for the eye: what matches at all is decided by the engine, whose expressions take
 * time in proportion to the text. Those of the browser may not: one that could take long marks nothing.
 */

import type { Span } from './text.ts';

/** A quantified group, which can take exponential time. */
const QUANTIFIED_GROUP = /\)[*+{]/;
const QUANTIFIER = /[*+{]/g;
const MOST_QUANTIFIERS = 3;
/** Longer names are not looked at. */
const MOST_LENGTH = 400;

/** Where a pattern is found in a name, or null; `/re/` is a regular expression, everything else a substring in any case. */
export function matchFinder(pattern: string): (name: string) => Span | null {
  if (pattern === '') return () => null;
  if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')) return expressionFinder(pattern.slice(1, -1));
  const lower = pattern.toLowerCase();
  return (name) => {
    const at = name.toLowerCase().indexOf(lower);
    return at < 0 ? null : [at, at + lower.length];
  };
}

function expressionFinder(source: string): (name: string) => Span | null {
  const quick = !QUANTIFIED_GROUP.test(source) && (source.match(QUANTIFIER) ?? []).length <= MOST_QUANTIFIERS;
  const expression = quick ? compiled(source) : null;
  if (expression === null) return () => null;
  return (name) => {
    const found = name.length > MOST_LENGTH ? null : expression.exec(name);
    return found === null || found[0] === '' ? null : [found.index, found.index + found[0].length];
  };
}

/** The expression, or null where this browser cannot read it. */
function compiled(source: string): RegExp | null {
  const anyCase = source.startsWith('(?i)');
  try {
    return new RegExp(anyCase ? source.slice(4) : source, anyCase ? 'iu' : 'u');
  } catch {
    return null;
  }
}
