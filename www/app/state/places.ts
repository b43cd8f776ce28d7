/** Folders that the person gave, remembered by their handles in a small database of their own. */

import { SmallDatabase } from './small-database.ts';

/** Handles by what they are for. */
export const places = new SmallDatabase('emberglass-places', 'handles');
