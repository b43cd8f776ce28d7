/** Colour arithmetic: OKLCH to sRGB, relative luminance and contrast as in WCAG 2. */

/** sRGB, each channel 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** OKLCH: lightness 0 to 1, chroma from 0, hue in degrees. */
export interface Oklch {
  l: number;
  c: number;
  h: number;
}

function linearOf({ l, c, h }: Oklch): [number, number, number] {
  const angle = (h * Math.PI) / 180;
  const a = c * Math.cos(angle);
  const b = c * Math.sin(angle);
  // Matrices of Björn Ottosson's OKLab (https://bottosson.github.io/posts/oklab/).
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

function inGamut(linear: readonly number[]): boolean {
  return linear.every((channel) => channel >= -1e-4 && channel <= 1 + 1e-4);
}

function encode(linear: number): number {
  const channel = Math.min(1, Math.max(0, linear));
  const encoded = channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255);
}

function decode(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/** The sRGB colour of that lightness and hue with as much of the chroma as sRGB holds. */
export function rgbOf(color: Oklch): Rgb {
  let linear = linearOf(color);
  if (!inGamut(linear)) {
    let low = 0;
    let high = color.c;
    for (let step = 0; step < 16; step += 1) {
      const c = (low + high) / 2;
      if (inGamut(linearOf({ ...color, c }))) low = c;
      else high = c;
    }
    linear = linearOf({ ...color, c: low });
  }
  return [encode(linear[0]), encode(linear[1]), encode(linear[2])];
}

/** `#rrggbb` */
export function hexOf(color: Rgb): string {
  return `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** `a` with a share of `b`, 0 to 1, mixed in as sRGB values. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const channel = (row: 0 | 1 | 2): number => Math.round(a[row] + (b[row] - a[row]) * share);
  return [channel(0), channel(1), channel(2)];
}

/** Light of each channel value. */
const LINEAR = Float64Array.from({ length: 256 }, (_, channel) => decode(channel));

/** Relative luminance, 0 to 1. */
export function luminance(color: Rgb): number {
  const light = (row: 0 | 1 | 2): number => LINEAR[color[row]] ?? 0;
  return 0.2126 * light(0) + 0.7152 * light(1) + 0.0722 * light(2);
}

/** Contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
