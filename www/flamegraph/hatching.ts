/** The diagonal lines over merged boxes. */

/** Distance of the lines, CSS pixels. */
const STEP = 5;

/** Patterns of one canvas, kept until the colours or the density of the screen change. */
export class Hatching {
  readonly #context: CanvasRenderingContext2D;
  readonly #patterns = new Map<string, CanvasPattern>();

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  /** Drops all patterns. */
  forget(): void {
    this.#patterns.clear();
  }

  /**
   * Fills rectangles.
   *
   * @param rectangles left, top, width, height of each, device pixels
   * @param ratio device pixels of a CSS pixel
   * @param origin top of level 0, device pixels: the lines move with the boxes
   */
  fill(rectangles: readonly number[], color: string, ratio: number, origin: number): void {
    const pattern = this.#pattern(color, ratio);
    if (pattern === null) return;
    pattern.setTransform(new DOMMatrix([1, 0, 0, 1, 0, origin]));
    this.#context.fillStyle = pattern;
    for (let at = 0; at < rectangles.length; at += 4) {
      this.#context.fillRect(rectangles[at] as number, rectangles[at + 1] as number, rectangles[at + 2] as number, rectangles[at + 3] as number);
    }
  }

  #pattern(color: string, ratio: number): CanvasPattern | null {
    const known = this.#patterns.get(color);
    if (known !== undefined) return known;
    const size = Math.max(4, Math.round(STEP * ratio));
    const tile = document.createElement('canvas');
    tile.width = size;
    tile.height = size;
    const context = tile.getContext('2d');
    if (context === null) return null;
    context.strokeStyle = color;
    context.lineWidth = Math.max(1, ratio);
    context.beginPath();
    for (const shift of [-size, 0, size]) {
      context.moveTo(shift - 1, size + 1);
      context.lineTo(shift + size + 1, -1);
    }
    context.stroke();
    const pattern = this.#context.createPattern(tile, 'repeat');
    if (pattern !== null) this.#patterns.set(color, pattern);
    return pattern;
  }
}
