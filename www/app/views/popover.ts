/** Popovers: the platform's own (top layer, closed by Escape and by a click outside), placed beside their button. */

import { autoUpdate, computePosition, flip, offset, shift, size } from '@floating-ui/dom';
import type { Middleware, Placement, ReferenceElement } from '@floating-ui/dom';

/** Opens or closes a popover beside its button, and keeps it there while it is open. */
export function togglePopover(anchor: HTMLElement, panel: HTMLElement, placement: Placement = 'bottom-start'): void {
  if (panel.matches(':popover-open')) {
    panel.hidePopover();
    return;
  }
  panel.showPopover();
  anchor.setAttribute('aria-expanded', 'true');
  const stop = autoUpdate(anchor, panel, () => void place(anchor, panel, placement));
  panel.addEventListener(
    'toggle',
    () => {
      if (panel.matches(':popover-open')) return;
      stop();
      anchor.setAttribute('aria-expanded', 'false');
      if (document.activeElement === document.body || panel.contains(document.activeElement)) anchor.focus();
    },
    { once: false, signal: lifetime(panel) },
  );
}

/**
 * Opens a popover of the kind `manual` at a point of the window; the focus goes to its first entry, and back where it was
 * when it closes: by Escape, by a press outside. (The kind `auto` would close when the button that opened it is let go.)
 */
export function openPopoverAt(x: number, y: number, panel: HTMLElement): void {
  const before = document.activeElement;
  const corner = { getBoundingClientRect: () => new DOMRect(x, y, 0, 0) };
  panel.showPopover();
  void placeAt(corner, panel);
  panel.querySelector<HTMLElement>('button')?.focus();
  const signal = lifetime(panel);
  const pressed = (event: Event): void => {
    if (!event.composedPath().includes(panel)) panel.hidePopover();
  };
  document.addEventListener('pointerdown', pressed, { capture: true, signal });
  panel.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      panel.hidePopover();
    },
    { signal },
  );
  panel.addEventListener(
    'toggle',
    () => {
      if (panel.matches(':popover-open')) return;
      lifetimes.get(panel)?.abort();
      const lost = document.activeElement === document.body || panel.contains(document.activeElement);
      if (lost && before instanceof HTMLElement) before.focus();
    },
    { signal },
  );
}

/** Arrows, Home and End walk through the entries of a menu. True if the key did. */
export function walkEntries(event: KeyboardEvent, panel: ParentNode): boolean {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: 0 }[event.key];
  if (step === undefined) return false;
  event.preventDefault();
  const entries = [...panel.querySelectorAll<HTMLElement>('button:not(:disabled), input')];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? entries.length - 1 : (at + step + entries.length) % entries.length;
  entries[to]?.focus();
  return true;
}

const lifetimes = new WeakMap<HTMLElement, AbortController>();

/** Ends the listener of the opening before. */
function lifetime(panel: HTMLElement): AbortSignal {
  lifetimes.get(panel)?.abort();
  const controller = new AbortController();
  lifetimes.set(panel, controller);
  return controller.signal;
}

/** Distance from the edges of the window, pixels. */
const padding = 8;

function place(anchor: ReferenceElement, panel: HTMLElement, placement: Placement): Promise<void> {
  return move(panel, anchor, placement, [flip({ padding }), shift({ padding })]);
}

/** Below a point, or as far up as it must be to be seen as a whole. */
function placeAt(corner: ReferenceElement, panel: HTMLElement): Promise<void> {
  panel.style.maxHeight = '';
  return move(panel, corner, 'bottom-start', [shift({ padding, crossAxis: true })]);
}

async function move(panel: HTMLElement, anchor: ReferenceElement, placement: Placement, into: Middleware[]): Promise<void> {
  const limit = size({
    padding,
    apply: ({ availableHeight }) => {
      panel.style.maxHeight = `${Math.max(120, availableHeight)}px`;
    },
  });
  const { x, y } = await computePosition(anchor, panel, { placement, strategy: 'fixed', middleware: [offset(4), ...into, limit] });
  panel.style.left = `${x}px`;
  panel.style.top = `${y}px`;
}
