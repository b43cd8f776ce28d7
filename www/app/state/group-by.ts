/** Labels to group by, as text: `region, path/2`; the number takes that many leading parts of the values, split at `/` and `.`. */

import type { LabelPair, LabelValues } from '../../engine/protocol.ts';
import { shownValue } from './labels.ts';
import { addMatcher, literal, matcherName } from './matchers.ts';

/** Leading parts that are on offer. */
const MOST_PARTS = 3;

/** Something to group by. */
export interface GroupChoice {
  /** As it stands in the text. */
  by: string;
  /** Different values of it. */
  values: number;
  /** Leading parts of the values; null for the whole of them. */
  parts: number | null;
}

/** What stands between the commas of a text, quotes included. */
export function groupNames(by: string): string[] {
  return (by.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((name) => name.trim()).filter((name) => name !== '');
}

/** The text of several. */
export function groupText(names: readonly string[]): string {
  return names.join(', ');
}

/** One label of a group. */
export interface GroupLabel {
  name: string;
  /** Leading parts of the value that are told apart; null for all. */
  parts: number | null;
  /** Empty where the profiles do not carry the label. */
  value: string;
}

/** The first parts of a value; a separator at its beginning separates nothing. */
export function leadingParts(value: string, parts: number): string {
  const ends = [...value.matchAll(/[/.]/g)].map(({ index }) => index).filter((at) => at > 0);
  const end = ends[parts - 1];
  return end === undefined ? value : value.slice(0, end);
}

/** Labels, and the first parts of those whose values have several. */
export function groupChoices(labels: readonly LabelValues[]): GroupChoice[] {
  return labels.flatMap(({ name, values }) => {
    const by = matcherName(name);
    const choices: GroupChoice[] = [{ by, values: values.length, parts: null }];
    if (by.startsWith('"')) return choices;
    for (let parts = 1; parts <= MOST_PARTS; parts += 1) {
      if (values.every(({ value }) => leadingParts(value, parts) === value)) break;
      choices.push({ by: `${by}/${parts}`, values: new Set(values.map(({ value }) => leadingParts(value, parts))).size, parts });
    }
    return choices;
  });
}

/** Of labels with several values, but not too many to look at, the first; else the first of all. */
export function firstGroup(labels: readonly LabelValues[]): string {
  const telling = labels.find(({ values }) => values.length > 1 && values.length <= 20) ?? labels[0];
  return telling === undefined ? '' : matcherName(telling.name);
}

/** The labels of a group, and those that its profiles do not carry, in the order they were asked for. */
export function labelsOfGroup(labels: readonly LabelPair[], by: string): GroupLabel[] {
  const found = new Map(labels);
  return groupNames(by).map((text) => {
    const [, label, parts] = /^([^"].*)\/(\d+)$/.exec(text) ?? [];
    const name = label ?? (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);
    return { name, parts: parts === undefined ? null : Number(parts), value: found.get(name) ?? '' };
  });
}

/** In words: `region = eu`. */
export function groupWords({ name, parts, value }: GroupLabel): string {
  return `${name}${parts === null ? '' : `/${parts}`} = ${shownValue(value)}`;
}

/** The user's matchers with those of a group, or of all that is in none of its labels' values. */
export function addGroup(match: string, labels: readonly GroupLabel[], negated = false): string {
  return labels.reduce((found, { name, parts, value }) => {
    if (parts === null || value === '') return addMatcher(found, name, value, negated ? '!=' : '=');
    return addMatcher(found, name, `${literal(value)}([/.].*)?`, negated ? '!~' : '=~');
  }, match);
}
