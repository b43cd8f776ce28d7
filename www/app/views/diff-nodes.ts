/** The nodes of a comparison's graph: every path from the root, with the function it ends in. */

import { html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import type { DiffNodeRow, DiffNodesPage, DiffTopRequest } from '../../engine/protocol.ts';
import type { DiffSource } from '../state/sources.ts';
import { joinPath } from '../state/url.ts';
import { DiffTable } from './diff-table.ts';

/** Callers of a node that there may be room for. */
const NEAREST = 6;
/** Paths that are kept. */
const MOST_PATHS = 2000;
/** Paths that are asked for at once. */
const ASKED_AT_ONCE = 200;

/** Callers of a node, the nearest first; `path` leads from the root to it. */
export function callersOf(path: readonly string[]): string {
  const callers = path.slice(0, -1).reverse();
  const shown = callers.length > NEAREST ? [...callers.slice(0, NEAREST), '…'] : callers;
  return shown.length === 0 ? 'at the root' : `← ${shown.join(' ← ')}`;
}

/** `<eg-diff-nodes>` */
export class DiffNodes extends DiffTable<DiffNodeRow> {
  protected override readonly words = { table: 'Nodes of the comparison', singular: 'node', plural: 'nodes', file: 'comparison-nodes.tsv' };
  /** Names on the paths to nodes, root first; null while they are asked for. */
  #paths = new Map<number, readonly string[] | null>();

  constructor() {
    super(40);
  }

  protected override read(source: DiffSource, request: DiffTopRequest, signal: AbortSignal): Promise<DiffNodesPage> {
    return source.diffNodes(request, signal);
  }

  protected override async stacks(source: DiffSource, rows: readonly DiffNodeRow[]): Promise<string[]> {
    const stacks: string[] = [];
    for (let at = 0; at < rows.length; at += ASKED_AT_ONCE) {
      const paths = await Promise.all(rows.slice(at, at + ASKED_AT_ONCE).map(({ node }) => source.path(node)));
      stacks.push(...paths.map((path) => joinPath(path.map(({ shown }) => shown))));
    }
    return stacks;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has('source') || this.#paths.size > MOST_PATHS) this.#paths = new Map();
  }

  protected override updated(): void {
    super.updated();
    const { source } = this;
    if (source === null) return;
    const paths = this.#paths;
    const unknown = this.shown.flatMap(({ node }) => (paths.has(node) ? [] : [node]));
    if (unknown.length === 0) return;
    for (const node of unknown) paths.set(node, null);
    Promise.all(unknown.map(async (node) => paths.set(node, (await source.path(node)).map(({ shown }) => shown)))).then(
      () => this.requestUpdate(),
      // What is wrong with the source the table says.
      () => undefined,
    );
  }

  protected override nameTitle({ node, name }: DiffNodeRow): string {
    return this.#paths.get(node)?.join(' › ') ?? name;
  }

  protected override below(row: DiffNodeRow): TemplateResult {
    const path = this.#paths.get(row.node) ?? null;
    return html`<span class="mono cut muted path" title=${this.nameTitle(row)}>${path === null ? '' : callersOf(path)}</span>`;
  }
}

customElements.define('eg-diff-nodes', DiffNodes);
