/** The command palette: everything that can be done, all services and types, narrowed down by words. */

import { css } from 'lit';
import { commandAt, commandGroups, optionsOf } from '../state/commands.ts';
import type { CommandGroup } from '../state/commands.ts';
import type { PickGroup } from '../state/pick.ts';
import { adoptStyles } from './app-view.ts';
import { PickDialog } from './pick-dialog.ts';

/** `<eg-palette>` */
export class Palette extends PickDialog {
  protected override readonly dialog = 'palette';
  protected override readonly words = { dialog: 'Commands', list: 'Commands, services and profile types', waiting: '', empty: 'Nothing here.', isTitled: false };
  #groups: readonly CommandGroup[] = [];

  protected override groups(): readonly PickGroup[] {
    this.#groups = commandGroups(this.session);
    return optionsOf(this.#groups);
  }

  protected override picked(id: string): unknown {
    return commandAt(this.#groups, id)?.run();
  }
}

adoptStyles(css`
  eg-palette {
    eg-pick-list .pick-row .mono {
      font: inherit;
    }
  }
`);

customElements.define('eg-palette', Palette);
