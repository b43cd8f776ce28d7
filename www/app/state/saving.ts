/** What is shown, as a file to save: in a format of the engine, or as a picture. */

import type { EngineClient } from '../../engine/client.ts';
import type { DecodePool } from '../../engine/decode-pool.ts';
import { formatCount } from '../../engine/format.ts';
import type { OutputFormat } from '../../engine/protocol.ts';
import type { PictureKind } from '../../flamegraph/picture.ts';
import type { AppState, GraphHandle } from './app-state.ts';
import type { NoticeBoard } from './notices.ts';
import { selectionOf } from './queries.ts';
import { reportPage } from './report-page.ts';
import { saveFile } from './save-file.ts';
import type { Store } from './store.ts';

/** What the session lends. */
export interface SavingHost {
  store: Store<AppState>;
  client: () => EngineClient;
  pool: DecodePool;
  notices: NoticeBoard;
  /** The graph on the page, while there is one. */
  graph: () => GraphHandle | null;
}

/** Saves what is shown. */
export class Saving {
  readonly #host: SavingHost;

  constructor(host: SavingHost) {
    this.#host = host;
  }

  /** The shown result in a format of the engine. */
  async result({ name, extensions, mediaType }: OutputFormat): Promise<void> {
    const { store, client, pool, notices } = this.#host;
    const shown = store.state.result.value;
    if (shown === null) return;
    const { matchers, from, until, filters = [] } = selectionOf(store.state);
    const { service } = store.state.view;
    const facts = { title: service, selection: [matchers, ...filters].join(' | '), profiles: shown.result.profiles, from, until };
    const batch = await client().callIn(shown.epoch, 'batch', shown.result.handle);
    const { bytes, warnings } = await pool.encode(batch, name, facts);
    const file = name === 'html' ? await reportPage(bytes) : bytes;
    const saved = `${service}-${shown.result.sampleType}.${extensions[0] ?? name}`;
    saveFile(new Blob([file as Uint8Array<ArrayBuffer>], { type: mediaType }), saved);
    notices.exported(saved, warnings);
  }

  /** What the graph shows between its edges. */
  async picture(kind: PictureKind): Promise<void> {
    const { store, notices, graph } = this.#host;
    const shown = store.state.result.value;
    const scene = graph()?.scene ?? null;
    if (shown === null || scene === null) {
      notices.confirm('Open the flame graph to save a picture of it.');
      return;
    }
    const { pictureOf } = await import('../../flamegraph/picture.ts');
    const picture = await pictureOf(kind, scene);
    const name = `${store.state.view.service}-${shown.result.sampleType}.${kind}`;
    saveFile(picture.file, name);
    const left = picture.left === 0 ? '' : ` Its deepest ${formatCount(picture.left, 'level')} did not fit; save as SVG for all of them.`;
    notices.confirm(`Saved ${name}.${left}`);
  }
}
