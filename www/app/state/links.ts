/** Links to what is shown: to the view, for where the same profiles are stored, and with the data of the view itself. */

import type { EngineClient } from '../../engine/client.ts';
import type { DecodePool } from '../../engine/decode-pool.ts';
import { formatBytes, groupDigits } from '../../engine/format.ts';
import { shownType } from './app-state.ts';
import type { AppState } from './app-state.ts';
import { copyText } from './copy.ts';
import { LONGEST_LINK, encodeDataLink, isLabelFilter, packData, viewOfData } from './data-link.ts';
import type { NoticeBoard } from './notices.ts';
import { selectionOf } from './queries.ts';
import type { Saving } from './saving.ts';
import type { Store } from './store.ts';
import { toRfc3339 } from './time.ts';

/** A result with more nodes makes no link: a node takes two characters at least. */
const MOST_NODES = 20_000;

/** What the session lends. */
export interface LinksHost {
  store: Store<AppState>;
  client: () => EngineClient;
  pool: DecodePool;
  notices: NoticeBoard;
  saving: Saving;
}

/** Makes links. */
export class Links {
  readonly #host: LinksHost;

  constructor(host: LinksHost) {
    this.#host = host;
  }

  /** Copies the address of the view. */
  async copyView(): Promise<void> {
    await copyText(location.href, 'the link to this view; it opens the same wherever the same profiles are stored', this.#host.notices);
  }

  /** Copies a link that carries what is selected; says how large it is where that is too much for a link. */
  async copyData(): Promise<void> {
    const { store, notices } = this.#host;
    const { value } = store.state.result;
    if (value === null || value.result.profiles === 0) {
      notices.confirm('Nothing is shown that a link could carry. Choose a service and a range first.');
      return;
    }
    if (value.result.nodes > MOST_NODES && store.state.view.filters.length === 0) {
      this.#tooLarge(`its merged profile has ${groupDigits(value.result.nodes)} nodes`);
      return;
    }
    const link = await this.#link();
    if (link === null) this.#tooLarge(`its merged profile has more than ${groupDigits(MOST_NODES)} nodes`);
    else if (link.length > LONGEST_LINK) this.#tooLarge(`it would be ${formatBytes(link.length)} long`);
    else await copyText(link, `a link of ${formatBytes(link.length)} that carries the profile itself; it opens anywhere, and nothing is sent to a server`, notices);
  }

  async #link(): Promise<string | null> {
    const { store, client, pool } = this.#host;
    const { state } = store;
    const { view } = state;
    // Filters of frames stay in the address; labels are merged away.
    const selection = { ...selectionOf(state), filters: view.filters.filter(isLabelFilter) };
    const engine = client();
    const epoch = engine.epoch;
    const result = await engine.callIn(epoch, 'query', selection);
    try {
      if (result.nodes > MOST_NODES) return null;
      const batch = await engine.callIn(epoch, 'batch', result.handle);
      const { bytes } = await pool.encode(batch, 'pprof');
      const begin = selection.from ?? shownType(state)?.from ?? null;
      const base = location.href.slice(0, location.href.length - location.hash.length);
      return `${base}#${encodeDataLink(viewOfData(view), packData(bytes), begin === null ? '' : toRfc3339(begin))}`;
    } finally {
      engine.callIn(epoch, 'release', result.handle).catch(() => undefined);
    }
  }

  #tooLarge(why: string): void {
    const { store, notices, saving } = this.#host;
    const html = store.state.outputFormats.find(({ name }) => name === 'html');
    notices.show({
      id: 'link-too-large',
      kind: 'warn',
      text: `This selection is too large for a link: ${why}, and a link carries up to ${formatBytes(LONGEST_LINK)}. Narrow the range, or send a file: the HTML report opens anywhere, an export from the storage page holds every profile.`,
      code: 'link-too-large',
      action: html === undefined ? null : { label: 'Save the HTML report', run: () => void saving.result(html).catch((thrown: unknown) => notices.report(thrown)) },
    });
  }
}
