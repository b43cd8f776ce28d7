/** To the source: small, since menus and tables have it before the view itself is loaded. */

import type { Session } from './session.ts';

/** Shows a line of a file beside its cost; 0 for the line that costs most, no file for the list of all. */
export function openSource(session: Session, file: string, line = 0): void {
  const { panes } = session.store.state.view;
  session.navigate({ graph: 'source', file, line, page: '', panes: panes === 'table' ? 'both' : panes }, 'push');
}
