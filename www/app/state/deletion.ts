/** Deleting profiles: by matchers and range, by the files they came from, or all. */

import type { EngineClient } from '../../engine/client.ts';
import { formatCount } from '../../engine/format.ts';
import type { Upload } from '../../engine/protocol.ts';
import type { Imports } from './imports.ts';

/** What the session lends. */
export interface DeletionHost {
  client: () => EngineClient;
  imports: Imports;
  /** Shows what is left, and says what was deleted. */
  deleted: (text: string) => Promise<void>;
}

/** Deletes, and says what. */
export class Deletion {
  readonly #host: DeletionHost;

  constructor(host: DeletionHost) {
    this.#host = host;
  }

  /** Deletes profiles by matchers and range. */
  async profiles(matchers: string, from: bigint | null, until: bigint | null): Promise<void> {
    const { profiles } = await this.#host.client().call('delete', { matchers, from, until });
    await this.#host.deleted(`Deleted ${formatCount(profiles, 'profile')}.`);
  }

  /** Deletes all profiles of uploads. */
  async uploads(uploads: readonly Upload[]): Promise<void> {
    const ids = uploads.map(({ id }) => id);
    const { profiles } = await this.#host.client().call('delete', { matchers: '{}', from: null, until: null, uploads: ids });
    await this.#host.deleted(`Deleted ${formatCount(profiles, 'profile')} of ${formatCount(uploads.length, 'file')}.`);
  }

  /** Deletes everything. */
  async everything(): Promise<void> {
    const { client, imports, deleted } = this.#host;
    imports.cancelAll();
    await client().call('clear');
    imports.clearFinished();
    await deleted('Deleted everything that was stored.');
  }
}
