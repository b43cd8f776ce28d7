/** The zoom of the main graph: to a node, and back by the callers that were zoomed on the way. */

import type { AppState } from './app-state.ts';
import type { Store } from './store.ts';
import type { View } from './view.ts';

/** What the session lends. */
export interface ZoomHost {
  store: Store<AppState>;
  navigate: (patch: Partial<View>, mode: 'push' | 'replace') => void;
  report: (thrown: unknown) => void;
}

/** The zoom of the main graph. */
export class Zoom {
  readonly #host: ZoomHost;
  /** Frames that were zoomed on the way to the present one. */
  #trail: number[] = [];

  constructor(host: ZoomHost) {
    this.#host = host;
  }

  /** Zooms to a node of the shown result; the root is 0. */
  async to(node: number): Promise<void> {
    const { store, navigate, report } = this.#host;
    const { result, focus } = store.state;
    const shown = result.value;
    if (shown === null || node === focus) return;
    try {
      const path = node === 0 ? [] : await shown.flame.path(node);
      if (store.state.result.value !== shown) return;
      this.#trail = path.some((step) => step.node === focus) ? [...this.#trail, focus] : this.#trail;
      store.set({ focus: node, path });
      navigate({ zoom: path.map(({ name }) => name) }, 'push');
    } catch (thrown) {
      report(thrown);
    }
  }

  /** One step back: to the caller that was zoomed before, else to the root. */
  out(): void {
    const { focus, path } = this.#host.store.state;
    if (focus === 0) return;
    const callers = new Set(path.slice(0, -1).map(({ node }) => node));
    this.#trail = this.#trail.filter((node) => callers.has(node));
    void this.to(this.#trail.pop() ?? 0);
  }
}
