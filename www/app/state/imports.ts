/** Imports of the app: from drops, pickers and the examples; shows what was imported as soon as the first file is saved. */

import { EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { DecodePool } from '../../engine/decode-pool.ts';
import { importFile } from '../../engine/import-files.ts';
import type { ImportFile } from '../../engine/import-files.ts';
import { ImportJob } from '../../engine/import-job.ts';
import type { ImportSummary } from '../../engine/import-job.ts';
import type { IngestReceipt, LabelPair } from '../../engine/protocol.ts';
import type { AppState } from './app-state.ts';
import { forgetImport, interruptedImports, interruptedReport, logImport } from './import-log.ts';
import { storeService } from './preferences.ts';
import type { Store } from './store.ts';
import { toRfc3339 } from './time.ts';
import type { View } from './view.ts';

/** Changes of lines are shown at most this often. */
const TICK_MS = 100;

/** What the imports need of the session. */
export interface ImportHost {
  store: Store<AppState>;
  /** The present client; a memory one may take the place of the first. */
  client(): EngineClient;
  pool: DecodePool;
  refreshCatalog(): Promise<void>;
  navigate(patch: Partial<View>, mode: 'push' | 'replace'): void;
  /** Where nothing is shown yet, shows what is stored. */
  showSomething(): void;
  report(thrown: unknown): void;
}

/** What an import shows: its service, its default type, and the range it covers. */
export interface ImportCover {
  service: string;
  type: string;
  from: bigint;
  until: bigint;
}

/** What to show of receipts in the order of the files: the first one's service, over all its files. */
export function coverOf(receipts: readonly IngestReceipt[]): ImportCover | null {
  const first = receipts[0];
  if (first === undefined) return null;
  const cover: ImportCover = { service: first.service, type: first.defaultType, from: first.from, until: first.until };
  for (const { service, from, until } of receipts) {
    if (service !== cover.service) continue;
    if (from < cover.from) cover.from = from;
    if (until > cover.until) cover.until = until;
  }
  return cover;
}

/** Entries of `examples/index.json`. */
interface Example {
  path: string;
  labels?: Record<string, string>;
}

/** Starts imports and follows them. */
export class Imports {
  /** Labels for what is imported next: those taken from paths, and others, which win. */
  labelling: { pathTemplate: string | null; labels: LabelPair[] } = { pathTemplate: null, labels: [] };
  readonly #host: ImportHost;
  #tickTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: ImportHost) {
    this.#host = host;
  }

  /**
   * Imports files; the job's lines say what became of each. Without labels of their own they get those of `labelling`. What is
   * imported is shown, `asItIs` seen as everything else in the view says.
   */
  start(files: readonly ImportFile[], labels?: (path: string) => LabelPair[], asItIs = false): ImportJob | null {
    if (files.length === 0) return null;
    const { store, pool } = this.#host;
    // The view this import showed last; null once the person has gone elsewhere.
    let expected: View | null = store.state.view;
    let showing: Promise<void> | null = null;
    const show = async (job: ImportJob): Promise<void> => {
      if (expected === null) return;
      try {
        expected = await this.#show(job, expected, asItIs);
      } catch (thrown) {
        this.#host.report(thrown);
      }
    };
    const job: ImportJob = new ImportJob(files, {
      client: this.#host.client(),
      pool,
      ...(labels === undefined ? this.labelling : { labels }),
      onChange: () => {
        this.#tick();
        if (showing === null && job.lines.some(({ receipt }) => receipt !== null)) showing = show(job);
      },
    });
    store.set({ imports: [...store.state.imports, job] });
    // What is only looked at can't be interrupted.
    if (!store.state.aside) void logImport(files, job.startedMs, job.finished).then(() => this.#settle(job));
    void job.finished.then(async () => {
      if (job.summary().counts.failed > 0) store.set({ panel: 'imports' });
      await showing;
      await show(job);
      this.#tick();
    });
    return job;
  }

  /** Looks for imports that did not end; what was missing of one may be stored by now. */
  async findInterrupted(): Promise<void> {
    try {
      this.#host.store.set({ interrupted: await interruptedImports(this.#host.client()) });
    } catch {
      // Without a log there is nothing to tell.
    }
  }

  /** Forgets imports that did not end, if one that did has dealt with all that they lacked. */
  async #settle(job: ImportJob): Promise<void> {
    const { store } = this.#host;
    const dealt = new Set(job.lines.filter(({ state }) => state !== 'cancelled').map(({ path }) => path));
    const over = store.state.interrupted.filter(({ missing }) => missing.every(({ name }) => dealt.has(name)));
    for (const { id } of over) await forgetImport(id).catch(() => undefined);
    if (over.length > 0) store.set({ interrupted: store.state.interrupted.filter((each) => !over.includes(each)) });
  }

  /** Forgets imports that did not end. */
  async forgetInterrupted(): Promise<void> {
    const { store } = this.#host;
    const { interrupted } = store.state;
    store.set({ interrupted: [] });
    for (const { id } of interrupted) await forgetImport(id);
  }

  /** Imports the profiles that ship with the app. */
  async openExamples(): Promise<ImportJob | null> {
    const base = new URL('examples/', document.baseURI);
    const index = (await fetchOk(new URL('index.json', base)).then((response) => response.json())) as Example[];
    const files = await Promise.all(
      index.map(async ({ path }): Promise<ImportFile> => {
        const bytes = await fetchOk(new URL(path, base)).then((response) => response.blob());
        return importFile(new File([bytes], path.slice(path.lastIndexOf('/') + 1)), path);
      }),
    );
    const labels = new Map(index.map(({ path, labels: given }) => [path, Object.entries(given ?? {})]));
    return this.start(files, (path) => labels.get(path) ?? []);
  }

  /** What became of each file of all imports, newest import first, as text. */
  report(): string {
    const { imports, interrupted } = this.#host.store.state;
    return [...interrupted.map(interruptedReport), ...[...imports].reverse().map((job) => job.report())].join('\n');
  }

  /** Gives up everything that is not stored yet. */
  cancelAll(): void {
    for (const job of this.#host.store.state.imports) if (job.running) job.cancel();
  }

  /** Forgets the reports of finished imports. */
  clearFinished(): void {
    const { store } = this.#host;
    store.set({ imports: store.state.imports.filter((job) => job.running) });
  }

  /** Shows the import, unless the person has gone elsewhere since `expected` was shown: null then. Gives the view after it. */
  async #show(job: ImportJob, expected: View, asItIs: boolean): Promise<View | null> {
    const { store } = this.#host;
    await this.#host.refreshCatalog();
    const cover = coverOf(job.lines.flatMap(({ receipt }) => receipt ?? []));
    const { view, catalog } = store.state;
    const moved = view.service !== expected.service || view.type !== expected.type || view.from !== expected.from || view.until !== expected.until;
    if (moved && view.service !== '') return null;
    if (cover === null) {
      // Of a pack no service is known.
      this.#host.showSomething();
      return store.state.view;
    }
    if (asItIs) {
      this.#host.navigate({ service: cover.service, type: cover.type }, 'replace');
      return store.state.view;
    }
    storeService(cover.service);
    const type = catalog?.services.find(({ name }) => name === cover.service)?.types.find(({ id }) => id === cover.type);
    const whole = type !== undefined && cover.from <= type.from && cover.until >= type.until;
    const range = whole ? { from: '', until: '' } : { from: toRfc3339(cover.from), until: toRfc3339(cover.until) };
    const same = view.service === cover.service && view.type === cover.type;
    this.#host.navigate(
      { service: cover.service, type: cover.type, match: '', ...range, ...(same ? {} : { zoom: [], search: '' }) },
      same || view.service === '' ? 'replace' : 'push',
    );
    return store.state.view;
  }

  #tick(): void {
    if (this.#tickTimer !== null) return;
    this.#tickTimer = setTimeout(() => {
      this.#tickTimer = null;
      const { store } = this.#host;
      store.set({ importTick: store.state.importTick + 1 });
    }, TICK_MS);
  }
}

/** Sums over imports, for the status line; null if there is none under way. */
export function runningSummary(jobs: readonly ImportJob[]): ImportSummary | null {
  const running = jobs.filter((job) => job.running).map((job) => job.summary());
  const first = running[0];
  if (first === undefined) return null;
  return running.slice(1).reduce(
    (sum, next) => ({
      ...sum,
      files: sum.files + next.files,
      done: sum.done + next.done,
      bytes: sum.bytes + next.bytes,
      bytesDone: sum.bytesDone + next.bytesDone,
      rate: sum.rate + next.rate,
      profiles: sum.profiles + next.profiles,
    }),
    first,
  );
}

async function fetchOk(url: URL): Promise<Response> {
  try {
    const response = await fetch(url);
    if (response.ok) return response;
    throw new EngineError('examples-unavailable', `${url.pathname}: ${response.status} ${response.statusText}`);
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    throw new EngineError('examples-unavailable', `${url.pathname}: ${EngineError.of(thrown).message}`);
  }
}
