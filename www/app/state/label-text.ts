/** Labels as a person types them: `region=eu, team="core, infra"`. */

import { EngineError } from '../../engine/errors.ts';
import type { LabelPair } from '../../engine/protocol.ts';
import { quote } from './matchers.ts';

const PAIR = /\s*("(?:[^"\\]|\\.)*"|[^\s"=,]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^",]*?)\s*(?:,|$)/y;

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

/** The pairs of a text; `bad-labels` with the position where it is none. */
export function parseLabels(text: string): LabelPair[] {
  const pairs: LabelPair[] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.trimEnd().length) {
    const at = PAIR.lastIndex;
    const match = PAIR.exec(text);
    if (match === null) throw new EngineError('bad-labels', `no name=value at character ${at + 1}`);
    const [, name = '', value = ''] = match;
    pairs.push([unquoted(name), unquoted(value)]);
  }
  return pairs;
}

/** Labels in one line, quoted where it takes quotes. */
export function formatLabels(labels: readonly LabelPair[]): string {
  const plain = (text: string): string => (/^[^\s"=,\\]+$/.test(text) ? text : quote(text));
  return labels.map(([name, value]) => `${plain(name)}=${plain(value)}`).join(', ');
}
