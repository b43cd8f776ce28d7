/** A modal dialog with a list to pick from: the palette, and choices that need more room than a popover. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { Dialog } from '../state/app-state.ts';
import type { PickGroup } from '../state/pick.ts';
import { AppView, adoptStyles } from './app-view.ts';
import type { PickList } from './pick-list.ts';
import './pick-list.ts';

/** Opens with the dialog of its name, and closes it when something is picked. */
export abstract class PickDialog extends AppView {
  /** The dialog of the app's state that this is. */
  protected abstract readonly dialog: Dialog;
  protected abstract readonly words: { dialog: string; list: string; waiting: string; empty: string; isTitled: boolean };

  /** What there is to pick; asked for whenever the dialog opens. */
  protected abstract groups(): Promise<readonly PickGroup[]> | readonly PickGroup[];

  /** Does what was picked; the dialog is closed by then. */
  protected abstract picked(id: string): unknown;

  protected override render(): TemplateResult | typeof nothing {
    if (this.state.dialog !== this.dialog) return nothing;
    return html`<dialog class="pick-dialog" aria-label=${this.words.dialog} @cancel=${this.#cancel} @close=${this.#closed} @click=${this.#backdrop}>
      ${this.words.isTitled ? html`<h2>${this.words.dialog}</h2>` : nothing}
      <eg-pick-list id=${`${this.dialog}-list`} label=${this.words.list} @eg-pick=${this.#pick}></eg-pick-list>
    </dialog>`;
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog');
    const list = this.querySelector<PickList>('eg-pick-list');
    if (dialog === null || list === null || dialog.open) return;
    void this.#fill(dialog, list);
  }

  async #fill(dialog: HTMLDialogElement, list: PickList): Promise<void> {
    try {
      const groups = this.groups();
      if (groups instanceof Promise) {
        list.empty = this.words.waiting;
        list.groups = [];
      } else {
        list.groups = groups;
      }
      dialog.showModal();
      list.open();
      list.groups = await groups;
      list.empty = this.words.empty;
    } catch (thrown) {
      dialog.close();
      // Before the line that says why: whatever draws this again would open it again.
      this.session.store.set({ dialog: 'none' });
      this.session.notices.report(thrown);
    }
  }

  #pick({ detail }: CustomEvent<{ id: string }>): void {
    this.querySelector('dialog')?.close();
    // Its dialog is gone by then, and what it opens may take the place.
    this.session.store.set({ dialog: 'none' });
    void this.updateComplete.then(async () => {
      try {
        await this.picked(detail.id);
      } catch (thrown) {
        this.session.notices.report(thrown);
      }
    });
  }

  /** The event that says so comes later: the next key may open another dialog by then. */
  #cancel(event: Event): void {
    event.preventDefault();
    (event.currentTarget as HTMLDialogElement).close();
    this.session.store.set({ dialog: 'none' });
  }

  #closed(event: Event): void {
    if ((event.target as HTMLElement).isConnected && this.state.dialog === this.dialog) this.session.store.set({ dialog: 'none' });
  }

  #backdrop(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
  }
}

adoptStyles(css`
  .pick-dialog {
    width: min(600px, calc(100vw - 16px));
    max-width: none;
    margin: min(96px, 10vh) auto auto;
    padding: 8px;
    border: 0;
    border-radius: 6px;
    background: var(--eg-bg-overlay);
    color: var(--eg-text);
    box-shadow: var(--eg-shadow);

    &::backdrop {
      background: color-mix(in oklch, var(--eg-bg) 55%, transparent);
    }

    h2 {
      margin: 0;
      padding: 4px 6px 8px;
      font-size: 13px;
      font-weight: 600;
    }

    eg-pick-list {
      width: 100%;
    }
  }
`);
