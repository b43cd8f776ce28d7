/**
 * Colours of the boxes: a hue for each package bucket, lightness by the parity of the level, grey for the runtime,
 * the accent for what a search finds and dimmed colours for the rest. Pure: what the page looks like comes in as a `Theme`.
 *
 * Every fill comes with a text colour of at least 4.5 : 1 on it; tests/unit/flamegraph-palette.test.ts computes them all.
 */

import { BoxFlag, COLOR_BUCKETS, DIFF_COLORS } from '../engine/protocol.ts';
import { contrast, hexOf, mix, rgbOf } from './color.ts';
import type { Oklch, Rgb } from './color.ts';

/** Colours of the page around the boxes. */
export interface Theme {
  dark: boolean;
  background: Rgb;
  /** What a search finds. */
  accent: Rgb;
  /** Outline of the selected box. */
  focus: Rgb;
}

/** Colours of one kind of box. */
export interface Paint {
  fill: string;
  /** The fill as a pixel of an `ImageData`, its bytes in the order of these machines: alpha, blue, green, red from the highest. */
  pixel: number;
  /** Text on it. */
  text: string;
  /** Lines over the fill of a merged box; one of few, as each is a pattern of its own. */
  hatch: string;
}

/** Hues are neighbours on the wheel; two tones of each make the buckets of a hue differ in more than a few degrees. */
const HUES = COLOR_BUCKETS / 2;
const FIRST_HUE = 12;
const YELLOW = 105;

/** Colours of boxes: of packages, then of changes. */
const COLORS = COLOR_BUCKETS + DIFF_COLORS;
/** Colours of changes: where there is less, where there is more. The first ones are told apart by all who see colours. */
export const CHANGE_COLORS = ['blue-orange', 'green-red'] as const;
export type ChangeColors = (typeof CHANGE_COLORS)[number];
const CHANGE_HUES: Readonly<Record<ChangeColors, { less: number; more: number }>> = {
  'blue-orange': { less: 250, more: 58 },
  'green-red': { less: 148, more: 24 },
};

/** Contrast of text, WCAG 2.2 level AA. */
const LEAST_CONTRAST = 4.5;
/** Shares of the fill to be tried in the text of a box that recedes, the faintest first. */
const FAINTER = [0.5, 0.4, 0.3, 0.2, 0.1];

/** Share of the background in the callers of the focus. */
const PASSED = 0.5;
/** Share of its colour in a merged box that has one. */
const TINT = 0.6;
/** Opacity of the lines over merged boxes, and over those that recede. */
const HATCH = 0.14;
const FAINT_HATCH = 0.08;

interface Tone {
  lightness: number;
  chroma: number;
}

interface Tones {
  /** Tones of even and odd buckets. */
  hues: readonly [Tone, Tone];
  /** Added to the lightness of yellow, taken from that of blue: at one lightness yellows look dirty. */
  warmth: number;
  grey: Tone;
  merged: Tone;
  /** Of changes: as it was, and new or gone. */
  same: Tone;
  changed: Tone;
  /** Added to the lightness on odd levels. */
  step: number;
  /** Share of the background mixed into a box that a search does not find. */
  dim: number;
  /** Text colours to choose from, the preferred one first. */
  inks: readonly [Rgb, Rgb];
}

const DARK_INK = rgbOf({ l: 0.2, c: 0.012, h: 60 });
const LIGHT_INK = rgbOf({ l: 0.96, c: 0.006, h: 70 });

const LIGHT: Tones = {
  hues: [
    { lightness: 0.855, chroma: 0.078 },
    { lightness: 0.82, chroma: 0.05 },
  ],
  warmth: 0.03,
  grey: { lightness: 0.885, chroma: 0.004 },
  merged: { lightness: 0.945, chroma: 0.004 },
  same: { lightness: 0.93, chroma: 0.003 },
  changed: { lightness: 0.74, chroma: 0.13 },
  step: -0.024,
  dim: 0.72,
  inks: [DARK_INK, LIGHT_INK],
};

const DARK: Tones = {
  hues: [
    { lightness: 0.43, chroma: 0.066 },
    { lightness: 0.405, chroma: 0.04 },
  ],
  warmth: 0.018,
  grey: { lightness: 0.35, chroma: 0.006 },
  merged: { lightness: 0.275, chroma: 0.006 },
  same: { lightness: 0.33, chroma: 0.004 },
  changed: { lightness: 0.47, chroma: 0.11 },
  step: -0.024,
  dim: 0.68,
  inks: [LIGHT_INK, DARK_INK],
};

function tonesOf(theme: Theme): Tones {
  return theme.dark ? DARK : LIGHT;
}

function bucketColor(color: number, tones: Tones, shift: number, changes: ChangeColors): Rgb {
  if (color === 0) return rgbOf({ l: tones.grey.lightness + shift, c: tones.grey.chroma, h: 60 });
  if (color > COLOR_BUCKETS) return changeColor(color - COLOR_BUCKETS, tones, shift, changes);
  const bucket = color - 1;
  const tone = tones.hues[(bucket & 1) as 0 | 1];
  const hue = FIRST_HUE + ((bucket >> 1) * 360) / HUES;
  const warm = tones.warmth * Math.cos(((hue - YELLOW) * Math.PI) / 180);
  const oklch: Oklch = { l: tone.lightness + warm + shift, c: tone.chroma, h: hue % 360 };
  return rgbOf(oklch);
}

/** Colour of a change: 1 is gone, the middle as it was, `DIFF_COLORS` new. */
function changeColor(change: number, { same, changed }: Tones, shift: number, changes: ChangeColors): Rgb {
  const middle = (DIFF_COLORS + 1) / 2;
  const extent = Math.abs(change - middle) / (middle - 1);
  const between = (from: number, to: number): number => from + (to - from) * extent;
  const { less, more } = CHANGE_HUES[changes];
  const h = change < middle ? less : change > middle ? more : 60;
  return rgbOf({ l: between(same.lightness, changed.lightness) + shift, c: between(same.chroma, changed.chroma), h });
}

/** Colour of a change where it stands alone, in a legend: 1 to `DIFF_COLORS`. */
export function changeSwatch(change: number, dark: boolean, changes: ChangeColors): string {
  return hexOf(changeColor(change, dark ? DARK : LIGHT, 0, changes));
}

/** Colour of a package where it stands alone, beside a name. */
export function swatchColor(color: number, dark: boolean): string {
  const tones = dark ? DARK : LIGHT;
  const shift = dark ? 0.2 : -0.12;
  return hexOf(bucketColor(color, tones, shift, 'blue-orange'));
}

function pixelOf([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** What a box is beside its colour, in the order in which the paints are kept. */
const STATES = ['plain', 'merged', 'dimmed', 'merged and dimmed', 'passed', 'found', 'merged and found'] as const;
type State = (typeof STATES)[number];
/** What recedes: what a search does not find, callers of the focus. */
const FAINT: ReadonlySet<State> = new Set<State>(['dimmed', 'merged and dimmed', 'passed']);
/** These have no other colour than the accent. */
const ACCENTED: ReadonlySet<State> = new Set<State>(['found', 'merged and found']);

/** The paints of a theme, each made when it is first needed: a page uses a tenth of them. */
export class Palette {
  readonly theme: Theme;
  readonly #tones: Tones;
  readonly #changes: ChangeColors;
  /** By state and colour, of even and odd levels. */
  readonly #pairs: ([Paint, Paint] | undefined)[] = [];

  constructor(theme: Theme, changes: ChangeColors = 'blue-orange') {
    this.theme = theme;
    this.#tones = tonesOf(theme);
    this.#changes = changes;
  }

  /** Every paint, for tests. */
  get paints(): readonly Paint[] {
    return STATES.flatMap((state) => Array.from({ length: ACCENTED.has(state) ? 1 : COLORS + 1 }, (_, color) => this.#of(state, color)).flat());
  }

  /**
   * Paint of a box.
   *
   * @param color bucket, 0 to `COLOR_BUCKETS`, or behind these a change, up to `DIFF_COLORS`
   * @param flags `BoxFlag` bits
   * @param odd parity of the level
   * @param searching whether there is a search, which dims what does not match
   * @param passed whether the box is a caller of the focus, on the way to it
   */
  paint(color: number, flags: number, odd: 0 | 1, searching: boolean, passed = false): Paint {
    const merged = (flags & BoxFlag.merged) !== 0;
    if (searching && (flags & BoxFlag.match) !== 0) return this.#of(merged ? 'merged and found' : 'found', 0)[odd];
    const bucket = color === 0 ? 0 : 1 + ((color - 1) % COLORS);
    if (searching) return this.#of(merged ? 'merged and dimmed' : 'dimmed', bucket)[odd];
    return this.#of(passed ? 'passed' : merged ? 'merged' : 'plain', bucket)[odd];
  }

  #of(state: State, color: number): [Paint, Paint] {
    const row = STATES.indexOf(state) * (COLORS + 1) + color;
    return (this.#pairs[row] ??= this.#pair((odd) => this.#fill(state, color, odd), FAINT.has(state)));
  }

  #fill(state: State, color: number, odd: number): Rgb {
    const { accent, background } = this.theme;
    const { step, dim, merged } = this.#tones;
    if (ACCENTED.has(state)) {
      const found = mix(accent, background, odd * 0.12);
      return state === 'found' ? found : mix(found, background, 0.45);
    }
    const own = bucketColor(color, this.#tones, odd * step, this.#changes);
    if (state === 'plain') return own;
    if (state === 'passed') return mix(own, background, PASSED);
    if (state === 'dimmed') return mix(own, background, dim);
    const grey = rgbOf({ l: merged.lightness + odd * step, c: merged.chroma, h: 60 });
    const tinted = color === 0 ? grey : mix(grey, own, TINT);
    return state === 'merged' ? tinted : mix(tinted, background, dim);
  }

  /** Paints of even and odd levels, with one text colour for both; with `faint` no stronger than it has to be. */
  #pair(fillOf: (odd: number) => Rgb, faint: boolean): [Paint, Paint] {
    const fills = [fillOf(0), fillOf(1)] as const;
    const worst = (ink: Rgb): number => Math.min(...fills.map((fill) => contrast(ink, fill)));
    const [preferred, other] = this.#tones.inks;
    const full = worst(preferred) >= LEAST_CONTRAST || worst(preferred) >= worst(other) ? preferred : other;
    const hatch = `rgb(${full.join(' ')} / ${faint ? FAINT_HATCH : HATCH})`;
    let ink = full;
    if (faint) {
      const paler = FAINTER.map((share) => mix(ink, fills[0], share)).find((color) => worst(color) >= LEAST_CONTRAST);
      ink = paler ?? ink;
    }
    const paint = (fill: Rgb): Paint => ({ fill: hexOf(fill), pixel: pixelOf(fill), text: hexOf(ink), hatch });
    return [paint(fills[0]), paint(fills[1])];
  }
}
