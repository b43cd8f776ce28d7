/**
 * The colours of the host page, as numbers, and word of their changes.
 *
 * A hidden element carries the custom properties in ordinary ones, so that the browser resolves whatever they say; it
 * has transitions of a millisecond, so that any change, for whatever reason, ends in an event.
 */

import { luminance } from './color.ts';
import type { Rgb } from './color.ts';
import type { Theme } from './palette.ts';

let pixel: CanvasRenderingContext2D | null = null;

/** A CSS colour as sRGB, as far as it covers white. */
function resolve(color: string): Rgb {
  if (pixel === null) {
    const canvas = document.createElement('canvas');
    canvas.width = 1;
    canvas.height = 1;
    pixel = canvas.getContext('2d', { willReadFrequently: true });
  }
  if (pixel === null) return [255, 255, 255];
  pixel.fillStyle = 'white';
  pixel.fillRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 255, green = 255, blue = 255] = pixel.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** The theme and the font of names now, from an element of the class `probe` (`tokens.ts`). */
export function themeOf(probe: Element): { theme: Theme; family: string } {
  const style = getComputedStyle(probe);
  const background = resolve(style.backgroundColor);
  return {
    theme: {
      dark: luminance(background) < 0.18,
      background,
      accent: resolve(style.color),
      focus: resolve(style.outlineColor),
    },
    family: style.fontFamily,
  };
}

/** Calls `changed` after the colours of a probe changed; the answer stops that. */
export function watchTheme(probe: Element, changed: () => void): () => void {
  let due = false;
  const ended = (): void => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      changed();
    });
  };
  probe.addEventListener('transitionend', ended);
  return () => probe.removeEventListener('transitionend', ended);
}
