/** The command palette: everything that can be done, all services and types, narrowed down by words. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { commandAt, commandGroups, optionsOf } from '../state/commands.ts';
import type { CommandGroup } from '../state/commands.ts';
import { AppView, adoptStyles } from './app-view.ts';
import type { PickList } from './pick-list.ts';
import './pick-list.ts';

/** `<eg-palette>` */
export class Palette extends AppView {
  #groups: readonly CommandGroup[] = [];

  protected override render(): TemplateResult | typeof nothing {
    if (this.state.dialog !== 'palette') return nothing;
    return html`<dialog aria-label="Commands" @close=${this.#closed} @click=${this.#backdrop}>
      <eg-pick-list id="palette" label="Commands, services and profile types" @eg-pick=${this.#pick}></eg-pick-list>
    </dialog>`;
  }

  protected override updated(): void {
    const dialog = this.querySelector('dialog');
    const list = this.querySelector<PickList>('eg-pick-list');
    if (dialog === null || list === null || dialog.open) return;
    this.#groups = commandGroups(this.session);
    list.groups = optionsOf(this.#groups);
    dialog.showModal();
    list.open();
  }

  #pick({ detail }: CustomEvent<{ id: string }>): void {
    const command = commandAt(this.#groups, detail.id);
    this.querySelector('dialog')?.close();
    // Its dialog is gone by then, and what it opens may take the place.
    this.session.store.set({ dialog: 'none' });
    void this.updateComplete.then(async () => {
      try {
        await command?.run();
      } catch (thrown) {
        this.session.notices.report(thrown);
      }
    });
  }

  #closed(): void {
    if (this.state.dialog === 'palette') this.session.store.set({ dialog: 'none' });
  }

  #backdrop(event: MouseEvent): void {
    if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
  }
}

adoptStyles(css`
  eg-palette {
    dialog {
      width: min(600px, calc(100vw - 16px));
      max-width: none;
      margin: min(96px, 10vh) auto auto;
      padding: 8px;
      border: 0;
      border-radius: 6px;
      background: var(--eg-bg-overlay);
      color: var(--eg-text);
      box-shadow: var(--eg-shadow);
    }

    dialog::backdrop {
      background: color-mix(in oklch, var(--eg-bg) 55%, transparent);
    }

    eg-pick-list {
      width: 100%;
    }

    eg-pick-list .pick-row .mono {
      font: inherit;
    }
  }
`);

customElements.define('eg-palette', Palette);
