/**
 * Pointers and wheels, told as what they mean: hover, tap, long press, pan, zoom. Plain wheels and vertical swipes stay with the
 * browser, which scrolls; a wheel with Ctrl (a pinch of a touch pad) zooms, a sideways one and one with Shift pans.
 */

/** What gestures do. Positions are CSS pixels from the top left corner of the surface. */
export interface GestureTarget {
  hover(x: number, y: number, event: PointerEvent): void;
  leave(): void;
  /** A click, or a tap of a finger. */
  tap(x: number, y: number, touch: boolean): void;
  doubleTap(x: number, y: number): void;
  /** A finger stays where it is. */
  longPress(at: { clientX: number; clientY: number }): void;
  /** The content follows the pointer. */
  pan(dx: number, dy: number): void;
  /** Zoom around a position. */
  zoom(factor: number, x: number): void;
}

/** A pointer that moved less than this taps, CSS pixels. */
const SLACK = 4;
/** A finger that stays for so long asks for the menu, ms. */
const LONG_PRESS = 500;
const WHEEL_LINE = 16;

interface Finger {
  x: number;
  y: number;
}

/** Listens on a surface until told to stop. */
export class Gestures {
  readonly #surface: HTMLElement;
  readonly #target: GestureTarget;
  readonly #fingers = new Map<number, Finger>();
  readonly #stop = new AbortController();
  #start: Finger | null = null;
  #dragging = false;
  /** The pointer whose drag or long press just ended: the click that it makes is none. */
  #ended: number | null = null;
  #touch = false;
  #pressing: ReturnType<typeof setTimeout> | undefined;
  /** The finger asked for the menu. */
  #pressed = false;

  constructor(surface: HTMLElement, target: GestureTarget) {
    this.#surface = surface;
    this.#target = target;
    const { signal } = this.#stop;
    surface.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    surface.addEventListener('pointermove', (event) => this.#move(event), { signal });
    surface.addEventListener('pointerup', (event) => this.#up(event), { signal });
    surface.addEventListener('pointercancel', (event) => this.#up(event), { signal });
    surface.addEventListener('pointerleave', () => target.leave(), { signal });
    surface.addEventListener('click', (event) => this.#click(event), { signal });
    surface.addEventListener('dblclick', (event) => target.doubleTap(...this.#place(event)), { signal });
    surface.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  /** Listens no more. */
  stop(): void {
    clearTimeout(this.#pressing);
    this.#stop.abort();
  }

  #place(event: MouseEvent): [x: number, y: number] {
    const { left, top } = this.#surface.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #down(event: PointerEvent): void {
    this.#touch = event.pointerType === 'touch';
    this.#ended = null;
    if (!this.#touch && event.button !== 0) return;
    const [x, y] = this.#place(event);
    this.#fingers.set(event.pointerId, { x, y });
    this.#start = this.#fingers.size === 1 ? { x, y } : null;
    this.#dragging = this.#fingers.size > 1;
    clearTimeout(this.#pressing);
    this.#pressed = false;
    if (!this.#touch || this.#dragging) return;
    const { clientX, clientY } = event;
    this.#pressing = setTimeout(() => {
      this.#pressed = true;
      this.#start = null;
      this.#target.longPress({ clientX, clientY });
    }, LONG_PRESS);
  }

  #move(event: PointerEvent): void {
    const [x, y] = this.#place(event);
    const finger = this.#fingers.get(event.pointerId);
    if (finger === undefined) {
      if (event.pointerType !== 'touch') this.#target.hover(x, y, event);
      return;
    }
    const others = [...this.#fingers].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    if (other !== undefined) {
      this.#pinch(finger, { x, y }, other);
    } else if (this.#dragging) {
      this.#target.pan(x - finger.x, this.#touch ? 0 : y - finger.y);
    } else if (this.#start !== null && Math.hypot(x - this.#start.x, y - this.#start.y) > SLACK) {
      this.#dragging = true;
      clearTimeout(this.#pressing);
      this.#surface.setPointerCapture(event.pointerId);
      this.#target.leave();
    }
    finger.x = x;
    finger.y = y;
  }

  #pinch(before: Finger, after: Finger, other: Finger): void {
    const [from, to] = [Math.abs(before.x - other.x), Math.abs(after.x - other.x)];
    if (from > SLACK && to > SLACK) this.#target.zoom(to / from, (after.x + other.x) / 2);
    this.#target.pan((after.x - before.x) / 2, 0);
  }

  #up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    clearTimeout(this.#pressing);
    if (this.#dragging || this.#pressed) this.#ended = event.pointerId;
    if (this.#fingers.size === 0) this.#dragging = false;
  }

  #click(event: PointerEvent): void {
    if (event.target !== this.#surface || event.pointerId === this.#ended) return;
    this.#target.tap(...this.#place(event), this.#touch);
  }

  #wheel(event: WheelEvent): void {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const most = Math.max(-60, Math.min(60, dy));
      this.#target.zoom(Math.exp(-most / 100), this.#place(event)[0]);
      return;
    }
    const sideways = event.shiftKey && dx === 0 ? dy : dx;
    if (sideways === 0 || (!event.shiftKey && Math.abs(dx) < Math.abs(dy))) return;
    event.preventDefault();
    this.#target.pan(-sideways, 0);
  }
}
