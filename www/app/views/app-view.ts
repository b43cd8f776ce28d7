/**
 * The base of the app's views: a lit element without a shadow root (labels, focus and assistive technology work
 * across the whole page; the reusable elements keep theirs), drawn again when the session's state changes.
 */

import { LitElement } from 'lit';
import type { CSSResult } from 'lit';
import type { AppState } from '../state/app-state.ts';
import type { Session } from '../state/session.ts';

const adopted = new Set<CSSResult>();

/** Adds styles to the page, once each. */
export function adoptStyles(...styles: CSSResult[]): void {
  const fresh = styles.filter((style) => !adopted.has(style));
  for (const style of fresh) adopted.add(style);
  const sheets = fresh.flatMap(({ styleSheet }) => styleSheet ?? []);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...sheets];
}

/** A view with the session at hand. */
export abstract class AppView extends LitElement {
  static override properties = { session: { attribute: false } };

  declare session: Session;
  #unsubscribe: (() => void)[] = [];

  /** The state now. */
  protected get state(): Readonly<AppState> {
    return this.session.store.state;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.subscriptions();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  /** What makes this view draw again. */
  protected subscriptions(): (() => void)[] {
    return [this.session.store.subscribe(() => this.requestUpdate())];
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
