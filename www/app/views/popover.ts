/** Popovers: the platform's own (top layer, closed by Escape and by a click outside), placed beside their button. */

import { autoUpdate, computePosition, flip, offset, shift, size } from '@floating-ui/dom';
import type { Placement } from '@floating-ui/dom';

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

const lifetimes = new WeakMap<HTMLElement, AbortController>();

/** Ends the listener of the opening before. */
function lifetime(panel: HTMLElement): AbortSignal {
  lifetimes.get(panel)?.abort();
  const controller = new AbortController();
  lifetimes.set(panel, controller);
  return controller.signal;
}

async function place(anchor: HTMLElement, panel: HTMLElement, placement: Placement): Promise<void> {
  const { x, y } = await computePosition(anchor, panel, {
    placement,
    strategy: 'fixed',
    middleware: [
      offset(4),
      flip({ padding: 8 }),
      shift({ padding: 8 }),
      size({
        padding: 8,
        apply: ({ availableHeight }) => {
          panel.style.maxHeight = `${Math.max(120, availableHeight)}px`;
        },
      }),
    ],
  });
  panel.style.left = `${x}px`;
  panel.style.top = `${y}px`;
}
