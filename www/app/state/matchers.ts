/** Label matchers as text: `{service_name="shop", region=~"eu-.*"}`. The engine parses; this only puts together. */

import type { LabelPair } from '../../engine/protocol.ts';
import { ownLabels } from './labels.ts';

/** A value as a quoted string of the matcher syntax. */
export function quote(value: string): string {
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** What stands between the braces, trimmed, without a comma at the end; text without braces is taken as it is. */
export function innerMatchers(match: string): string {
  const text = match.trim();
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  return inner.trim().replace(/,\s*$/, '');
}

/** Matchers of one service, with those of the user added. */
export function serviceMatchers(service: string, match: string): string {
  const inner = innerMatchers(match);
  const own = `service_name=${quote(service)}`;
  return inner === '' ? `{${own}}` : `{${own}, ${inner}}`;
}

/** How far a position in `serviceMatchers` text is into the user's own text; null if it is before it. */
export function offsetInMatch(service: string, match: string, offset: number): number | null {
  const before = new TextEncoder().encode(`{service_name=${quote(service)}, `).length;
  const lead = match.indexOf(innerMatchers(match));
  return offset < before ? null : offset - before + Math.max(0, lead);
}

/** How a matcher compares. */
export type MatcherOperator = '=' | '!=' | '=~' | '!~';

/** The user's matchers with one more, in braces. */
export function addMatcher(match: string, name: string, value: string, operator: MatcherOperator = '='): string {
  const inner = innerMatchers(match);
  const added = `${/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quote(name)}${operator}${quote(value)}`;
  return inner === '' ? `{${added}}` : `{${inner}, ${added}}`;
}

/** One matcher of a text, as it is read. */
export interface Matcher {
  name: string;
  operator: MatcherOperator;
  value: string;
}

const MATCHER = /\s*("(?:[^"\\]|\\.)*"|[^\s=!~,{}"'`\\]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)/y;

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_whole, char: string) => ({ n: '\n', r: '\r', t: '\t' })[char] ?? char);
}

/** The matchers of a text; null for one that is not made of plain matchers, which the engine may read all the same. */
export function matchersOf(match: string): Matcher[] | null {
  const inner = innerMatchers(match);
  const found: Matcher[] = [];
  MATCHER.lastIndex = 0;
  while (MATCHER.lastIndex < inner.length) {
    const [, name, operator, value] = MATCHER.exec(inner) ?? [];
    if (name === undefined || operator === undefined || value === undefined) return null;
    found.push({ name: unquoted(name), operator: operator as MatcherOperator, value: unquoted(value) });
  }
  return found;
}

/** The text of matchers, in braces; empty without any. */
export function matchText(matchers: readonly Matcher[]): string {
  return matchers.reduce((text, { name, operator, value }) => addMatcher(text, name, value, operator), '');
}

/** Matchers of exactly these labels, of the service and the engine's own apart; of `names` that are not among them: of profiles without. */
export function labelMatchers(labels: readonly LabelPair[], names: readonly string[] = []): string {
  const own = ownLabels(labels);
  const known = new Set(own.map(([name]) => name));
  const lacking = names.filter((name) => !known.has(name)).map((name): LabelPair => [name, '']);
  return [...own, ...lacking].reduce((text, [name, value]) => addMatcher(text, name, value), '');
}

/** A matcher of any of some values, or of none of them: a regular expression where there are several. */
export function anyOf(name: string, values: readonly string[], negated: boolean): Matcher {
  const [only] = values;
  if (only !== undefined && values.length === 1) return { name, operator: negated ? '!=' : '=', value: only };
  return { name, operator: negated ? '!~' : '=~', value: alternatives(values) };
}

/** The values that a matcher names one by one; null where a regular expression says more than that. */
export function valuesOf({ operator, value }: Matcher): string[] | null {
  if (operator === '=' || operator === '!=') return [value];
  const texts = [''];
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === '|') texts.push('');
    else {
      if (value[at] === '\\') at += 1;
      texts[texts.length - 1] += value[at] ?? '';
    }
  }
  return alternatives(texts) === value ? texts : null;
}

/** A regular expression of some texts. */
function alternatives(texts: readonly string[]): string {
  return texts.map(literal).join('|');
}

/** A text that a regular expression matches as it is. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The user's matchers with those of a group: `path/2` is the first two parts of a value, and `name` what it was grouped by. */
export function addGroup(match: string, labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.reduce((found, [name, value]) => {
    const parts = /^(.*)\/\d+$/.exec(name);
    return parts === null ? addMatcher(found, name, value) : addMatcher(found, parts[1] ?? '', `${literal(value)}([/.].*)?`, '=~');
  }, match);
}
