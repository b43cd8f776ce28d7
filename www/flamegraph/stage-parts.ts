/** The elements of the flame graph that the stage works on. */

import type { StageParts } from './stage.ts';

/** Finds them in the element's shadow root. */
export function stageParts(root: ParentNode): StageParts {
  const find = <E extends Element>(selector: string): E => root.querySelector(selector) as E;
  return {
    scroller: find<HTMLElement>('.scroller'),
    spacer: find<HTMLElement>('.spacer'),
    stage: find<HTMLElement>('.stage'),
    content: find<HTMLCanvasElement>('.content'),
    overlay: find<HTMLCanvasElement>('.overlay'),
    probe: find<HTMLElement>('.probe'),
  };
}
