/** The address of the page: a view, and the profile that it may carry. */

import { decodeDataLink, encodeDataLink } from './data-link.ts';
import type { LinkedProfile } from './data-link.ts';
import { decodeView, encodeView } from './url.ts';
import { DEFAULT_VIEW } from './view.ts';
import type { View } from './view.ts';

/** What a fragment says; where the data that it carries is damaged, `report` hears it, and it says nothing. */
export function addressed(fragment: string, report: (thrown: unknown) => void): { linked: LinkedProfile | null; view: View } {
  try {
    const linked = decodeDataLink(fragment);
    return { linked, view: linked?.view ?? decodeView(fragment) ?? DEFAULT_VIEW };
  } catch (thrown) {
    report(thrown);
    return { linked: null, view: DEFAULT_VIEW };
  }
}

/** The address, from the fragment on, of a view of what is stored, or of a profile that came with the link. */
export function addressOf(view: View, linked: LinkedProfile | null): string {
  const fragment = linked === null ? encodeView(view) : encodeDataLink(view, linked.text, linked.from);
  return fragment === '' ? location.pathname + location.search : `#${fragment}`;
}
