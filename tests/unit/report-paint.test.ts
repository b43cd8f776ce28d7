/** The colours of pictures are those of the app: the table in Rust against the palette that computes them. */

import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { COLOR_BUCKETS, BoxFlag } from '../../www/engine/protocol.ts';
import { hexOf, rgbOf } from '../../www/flamegraph/color.ts';
import { Palette } from '../../www/flamegraph/palette.ts';

const source = readFileSync(inRoot('crates', 'views', 'src', 'report', 'paint.rs'), 'utf8');
const BACKGROUND = rgbOf({ l: 0.993, c: 0.002, h: 70 });
const palette = new Palette({ dark: false, background: BACKGROUND, accent: [0, 0, 0], focus: [0, 0, 0] });

/** The colours of a constant, in order. */
function colors(name: string): string[] {
  const [, value = ''] = new RegExp(`const ${name}: [^=]+= ([^;]+);`).exec(source) ?? [];
  return [...value.matchAll(/0x([0-9a-f]{6})/g)].map(([, hex = '']) => `#${hex}`);
}

describe('paint.rs', () => {
  test('has the fills of the palette on light ground', () => {
    const buckets = Array.from({ length: COLOR_BUCKETS + 1 }, (_, color) => color);
    const fills = (flags: number) => (color: number): string[] => [palette.paint(color, flags, 0, false).fill, palette.paint(color, flags, 1, false).fill];
    expect(colors('FILLS')).toEqual(buckets.flatMap(fills(0)));
    expect(colors('MERGED')).toEqual(fills(BoxFlag.merged)(0));
  });

  test('has its text colour and the page behind it', () => {
    expect(colors('NAME')).toEqual([palette.paint(5, 0, 0, false).text]);
    expect(colors('BACKGROUND')).toEqual([hexOf(BACKGROUND)]);
  });
});
