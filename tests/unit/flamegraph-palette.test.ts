import { describe, expect, it } from 'vitest';
import { BoxFlag, COLOR_BUCKETS, DIFF_COLORS } from '../../www/engine/protocol.ts';
import { contrast, hexOf, luminance, mix, rgbOf } from '../../www/flamegraph/color.ts';
import type { Rgb } from '../../www/flamegraph/color.ts';
import { CHANGE_COLORS, Palette, swatchColor } from '../../www/flamegraph/palette.ts';
import type { Theme } from '../../www/flamegraph/palette.ts';

const accent = rgbOf({ l: 0.68, c: 0.17, h: 45 });
const light: Theme = { dark: false, background: rgbOf({ l: 0.993, c: 0.002, h: 70 }), accent, focus: rgbOf({ l: 0.55, c: 0.17, h: 255 }) };
const dark: Theme = { dark: true, background: rgbOf({ l: 0.185, c: 0.006, h: 60 }), accent, focus: rgbOf({ l: 0.72, c: 0.14, h: 250 }) };

function rgbOfHex(hex: string): Rgb {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

describe('colours', () => {
  it('follow known values', () => {
    expect(hexOf(rgbOf({ l: 1, c: 0, h: 0 }))).toBe('#ffffff');
    expect(hexOf(rgbOf({ l: 0, c: 0, h: 0 }))).toBe('#000000');
    expect(hexOf(rgbOf({ l: 0.62796, c: 0.25768, h: 29.234 }))).toBe('#ff0000');
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
    expect(contrast([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2);
    expect(mix([0, 0, 0], [200, 100, 50], 0.5)).toEqual([100, 50, 25]);
  });

  it('give up chroma, not lightness, where sRGB ends', () => {
    const wide = rgbOf({ l: 0.7, c: 0.4, h: 150 });
    const grey = rgbOf({ l: 0.7, c: 0, h: 0 });
    expect(Math.abs(luminance(wide) - luminance(grey))).toBeLessThan(0.05);
  });
});

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s palette', (_, theme) => {
  const palette = new Palette(theme);

  it('has text of at least 4.5 : 1 on every fill', () => {
    expect(palette.paints.length).toBeGreaterThan(4 * COLOR_BUCKETS);
    for (const { fill, text } of palette.paints) expect(contrast(rgbOfHex(fill), rgbOfHex(text)), `${text} on ${fill}`).toBeGreaterThanOrEqual(4.5);
  });

  it.each(CHANGE_COLORS)('has text on changes in %s, and tells less from more', (changes) => {
    const { paints } = new Palette(theme, changes);
    for (const { fill, text } of paints) expect(contrast(rgbOfHex(fill), rgbOfHex(text)), `${text} on ${fill}`).toBeGreaterThanOrEqual(4.5);
    const fill = (change: number): Rgb => rgbOfHex(new Palette(theme, changes).paint(COLOR_BUCKETS + change, 0, 0, false).fill);
    const [gone, fresh] = [fill(1), fill(DIFF_COLORS)];
    const [ahead, behind] = changes === 'blue-orange' ? ([2, 0] as const) : ([1, 0] as const);
    expect(gone[ahead] - gone[behind]).toBeGreaterThan(20);
    expect(fresh[0] - fresh[ahead]).toBeGreaterThan(20);
  });

  it('tells packages, levels, merged boxes and matches apart', () => {
    const fills = new Set<string>();
    for (let color = 0; color <= COLOR_BUCKETS; color += 1) for (const odd of [0, 1] as const) fills.add(palette.paint(color, 0, odd, false).fill);
    expect(fills.size).toBe(2 * (COLOR_BUCKETS + 1));
    const plain = palette.paint(5, 0, 0, false).fill;
    const unlike = [
      palette.paint(0, BoxFlag.merged, 0, false).fill,
      palette.paint(5, BoxFlag.merged, 0, false).fill,
      palette.paint(5, BoxFlag.merged, 0, true).fill,
      palette.paint(5, 0, 0, true).fill,
      palette.paint(5, BoxFlag.match, 0, true).fill,
      palette.paint(0, BoxFlag.match | BoxFlag.merged, 0, true).fill,
      palette.paint(5, BoxFlag.ancestor, 0, false, true).fill,
    ];
    expect(new Set([plain, ...unlike]).size).toBe(1 + unlike.length);
  });

  it('gives the runtime a grey', () => {
    const [red, green, blue] = rgbOfHex(palette.paint(0, 0, 0, false).fill);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(8);
  });

  it('paints matches in the accent, whatever the package, and only while there is a search', () => {
    expect(palette.paint(3, BoxFlag.match, 0, true).fill).toBe(hexOf(accent));
    expect(palette.paint(9, BoxFlag.match, 0, true)).toEqual(palette.paint(3, BoxFlag.match, 0, true));
    expect(palette.paint(3, BoxFlag.match, 0, false)).toEqual(palette.paint(3, 0, 0, false));
  });

  it('moves what a search does not find towards the background', () => {
    const distance = (fill: string): number => Math.abs(luminance(rgbOfHex(fill)) - luminance(theme.background));
    for (let color = 0; color <= COLOR_BUCKETS; color += 1) {
      expect(distance(palette.paint(color, 0, 0, true).fill)).toBeLessThan(distance(palette.paint(color, 0, 0, false).fill));
    }
  });

  it('has swatches that can be seen on the page', () => {
    for (let color = 0; color <= COLOR_BUCKETS; color += 1) {
      expect(contrast(rgbOfHex(swatchColor(color, theme.dark)), theme.background)).toBeGreaterThan(1.8);
    }
  });
});
