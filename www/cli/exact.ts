/** JSON whose numbers stay texts, because 64-bit integers and exact decimals do not fit into a `number`. */

import { formatValue } from '../engine/format.ts';

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** `JSON.parse`, with every number as the text it was. */
export function parseExact(json: string): unknown {
  return JSON.parse(json.replaceAll(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)));
}

/** A decimal text as an integer times 10^-scale, with the fewest digits that hold it. */
export function scaled(text: string): { value: bigint; scale: number } {
  const [whole = '', fraction = ''] = text.split('.');
  return { value: BigInt(whole + fraction), scale: fraction.length };
}

/** A decimal text as a person reads it: `33.7 s`. */
export function readable(text: string, unit: string): string {
  const { value, scale } = scaled(text);
  return formatValue(value, unit, scale);
}
