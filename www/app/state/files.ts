/** What the files page shows: the inputs that stored profiles come from, which of them are chosen, and in which order. */

import { EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { Catalog, Upload } from '../../engine/protocol.ts';
import type { Answer } from './app-state.ts';
import { formatLabels } from './label-text.ts';
import { labelMatchers } from './matchers.ts';
import { Store } from './store.ts';
import { toRfc3339 } from './time.ts';
import type { View } from './view.ts';

export type FileOrder = 'newest' | 'name' | 'bytes' | 'profiles';

/** State of the page. */
export interface FilesState {
  uploads: Answer<readonly Upload[]>;
  filter: string;
  order: FileOrder;
  /** Ids of those chosen. */
  chosen: ReadonlySet<string>;
  /** Id of the one whose details are shown. */
  open: string | null;
}

const NAMES = new Intl.Collator('en', { numeric: true });
const BY: Readonly<Record<FileOrder, (a: Upload, b: Upload) => number>> = {
  // As the engine gives them.
  newest: () => 0,
  name: (a, b) => NAMES.compare(a.name, b.name),
  bytes: (a, b) => b.bytes - a.bytes,
  profiles: (a, b) => b.profiles - a.profiles,
};

/** The uploads that hold every word in name, format, labels or warnings, in an order. */
export function listed(uploads: readonly Upload[], filter: string, order: FileOrder): Upload[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const holds = (upload: Upload): boolean => {
    const { name, format, labels, types, warnings } = upload;
    const whole = [name, format, formatLabels(labels), ...types, ...warnings.map(({ code }) => code)].join('\n').toLowerCase();
    return words.every((word) => whole.includes(word));
  };
  return uploads.filter((upload) => words.length === 0 || holds(upload)).sort(BY[order]);
}

/** Uploads as a table for other programs: tabs between columns, a line each. */
export function uploadsTsv(uploads: readonly Upload[]): string {
  const flat = (text: string): string => text.replace(/[\t\r\n]/g, ' ');
  const line = ({ name, format, bytes, profiles, importedMs, labels, warnings }: Upload): string =>
    [
      name,
      format,
      String(bytes),
      String(profiles),
      new Date(importedMs).toISOString(),
      formatLabels(labels),
      warnings.map(({ code, count, message }) => `${code} x ${count}: ${message}`).join('; '),
    ]
      .map(flat)
      .join('\t');
  return ['file\tformat\tbytes\tprofiles\timported\tlabels\twarnings', ...uploads.map(line)].join('\n') + '\n';
}

/**
 * What shows all that came of an upload, as far as its labels and its times tell it from others: of its default type, or
 * another one, among `types`. Null where nothing of it is stored.
 */
export function viewOfUpload(catalog: Catalog | null, upload: Upload, types: readonly string[] = upload.types): Pick<View, 'service' | 'type' | 'match' | 'from' | 'until'> | null {
  const { labels, from, until } = upload;
  const name = labels.find(([label]) => label === 'service_name')?.[1];
  const service = catalog?.services.find((each) => each.name === name);
  const isOf = (id: string): boolean => upload.types.includes(id) && types.includes(id);
  const type = service?.types.find(({ id, isDefault }) => isDefault && isOf(id)) ?? service?.types.find(({ id }) => isOf(id));
  if (service === undefined || type === undefined) return null;
  return { service: service.name, type: type.id, match: labelMatchers(labels), from: toRfc3339(from), until: toRfc3339(until) };
}

/** Two uploads as base and head: the earlier profiles first, or what was imported first. */
export function inTime(a: Upload, b: Upload): [base: Upload, head: Upload] {
  const isLater = a.from === b.from ? a.importedMs > b.importedMs : a.from > b.from;
  return isLater ? [b, a] : [a, b];
}

/** Reads the list. */
export class Files {
  readonly store = new Store<FilesState>({
    uploads: { loading: false, value: null, error: null },
    filter: '',
    order: 'newest',
    chosen: new Set(),
    open: null,
  });
  readonly #client: () => EngineClient;
  #sequence = 0;

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Reads the list anew; what is gone is no longer chosen. */
  async refresh(): Promise<void> {
    const sequence = (this.#sequence += 1);
    this.store.set({ uploads: { ...this.store.state.uploads, loading: true } });
    try {
      const value = await this.#client().call('uploads');
      if (sequence !== this.#sequence) return;
      const there = new Set(value.map(({ id }) => id));
      const { chosen, open } = this.store.state;
      this.store.set({
        uploads: { loading: false, value, error: null },
        chosen: new Set([...chosen].filter((id) => there.has(id))),
        open: open !== null && there.has(open) ? open : null,
      });
    } catch (thrown) {
      if (sequence === this.#sequence) this.store.set({ uploads: { loading: false, value: null, error: EngineError.of(thrown) } });
    }
  }

  /** The uploads that are shown, in their order. */
  listed(): Upload[] {
    const { uploads, filter, order } = this.store.state;
    return listed(uploads.value ?? [], filter, order);
  }

  /** Chooses one, or no longer. */
  choose(id: string, isChosen: boolean): void {
    const chosen = new Set(this.store.state.chosen);
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    this.store.set({ chosen });
  }

  /** Chooses all that are shown, or none. */
  chooseListed(isChosen: boolean): void {
    this.store.set({ chosen: new Set(isChosen ? this.listed().map(({ id }) => id) : []) });
  }

  /** The uploads that are chosen, in the order of the list. */
  chosen(): Upload[] {
    const { uploads, order, chosen } = this.store.state;
    return listed(uploads.value ?? [], '', order).filter(({ id }) => chosen.has(id));
  }
}
