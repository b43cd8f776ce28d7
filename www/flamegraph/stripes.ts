/**
 * Levels of many narrow boxes: each is made as one row of pixels, which the canvas stretches over the height of the level.
 * To record and paint a rectangle for every box took most of the first frame of a dense chart over time.
 */

/** Rows of pixels, as wide as the canvas that they go to. */
export class Stripes {
  #canvas: HTMLCanvasElement | null = null;
  #context: CanvasRenderingContext2D | null = null;
  #image: ImageData | null = null;
  #pixels = new Uint32Array(0);
  #width = 0;
  #count = 0;

  /** Empties `count` rows, each `width` device pixels. */
  begin(width: number, count: number): void {
    const image = this.#image;
    if (image === null || image.width !== width || image.height < count) {
      const canvas = (this.#canvas ??= document.createElement('canvas'));
      canvas.width = width;
      canvas.height = count;
      this.#context = canvas.getContext('2d', { willReadFrequently: true });
      this.#image = new ImageData(width, count);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    } else {
      this.#pixels.fill(0, 0, width * count);
    }
    this.#width = width;
    this.#count = count;
  }

  /** Colours the pixels [left, right) of a row; `pixel` as in `Paint`. */
  fill(row: number, left: number, right: number, pixel: number): void {
    const start = row * this.#width;
    // Most are a few pixels: a loop takes less than the call.
    for (let at = start + left; at < start + right; at += 1) this.#pixels[at] = pixel;
  }

  /** Hands the rows over to be painted. */
  end(): void {
    if (this.#image !== null) this.#context?.putImageData(this.#image, 0, 0, 0, 0, this.#width, this.#count);
  }

  /** Paints a row over all the width of a canvas, between two heights; where nothing was coloured, what is there stays. */
  paint(onto: CanvasRenderingContext2D, row: number, top: number, height: number): void {
    if (this.#canvas === null) return;
    onto.imageSmoothingEnabled = false;
    onto.drawImage(this.#canvas, 0, row, this.#width, 1, 0, top, this.#width, height);
  }
}
