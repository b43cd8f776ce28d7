/** The menu of a frame in the flame graph, or of a function in a table: what can be done with it, with the keys that do the same. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { NodeInfo } from '../../engine/protocol.ts';
import { placeOf } from '../../flamegraph/describe.ts';
import type { MenuDetail } from '../../flamegraph/flamegraph.ts';
import type { FlameSource } from '../../flamegraph/source.ts';
import { BASES } from '../state/bases.ts';
import { filterText, laneFilter } from '../state/filters.ts';
import { folded, isFolded } from '../state/lanes.ts';
import { isLane } from '../state/sources.ts';
import type { FilterField, FilterVerb } from '../state/filters.ts';
import { openSource } from '../state/open-source.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { openPopoverAt, walkEntries } from './popover.ts';

/** One line of the menu. */
interface Entry {
  label: string;
  /** What the label ends in: a name or a place whose end matters. */
  of?: string;
  key?: string;
  run: () => unknown;
}

/** What a menu is of: a frame of a graph, or a function of a table, which is no node. */
interface Subject extends Pick<NodeInfo, 'name' | 'file' | 'line' | 'package' | 'binary'> {
  node: number | null;
}

/** The address of a source file that is one, such as a script of a page. */
export function sourceAddress(file: string): string | null {
  if (!/^https?:\/\//.test(file)) return null;
  try {
    return new URL(file).href;
  } catch {
    return null;
  }
}

/** `<eg-frame-menu>` */
export class FrameMenu extends AppView {
  static override properties = { ...AppView.properties, info: { state: true } };

  /** The frame it is of. */
  declare protected info: Subject | null;
  #source: FlameSource | null = null;
  /** It is of a lane of a time chart, and of no frame. */
  #isLane = false;
  /** Of a row of a table, where most keys of a graph do nothing. */
  #isRow = false;
  #zoom: (node: number) => unknown = () => undefined;

  constructor() {
    super();
    this.info = null;
  }

  /** Opens it for a frame of a source, to which `zoom` zooms; `isRow`: it is a row of a table of nodes. */
  async open({ node, x, y }: Omit<MenuDetail, 'count'>, source: FlameSource, zoom: (node: number) => unknown, isRow = false): Promise<void> {
    try {
      this.#isRow = isRow;
      this.#source = source;
      this.#zoom = zoom;
      const asked = this.state.view;
      this.#isLane = await isLane(source, node);
      await this.#show(await source.node(node), x, y, asked);
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }

  /** Opens it for the function of a row. */
  async openFor({ name, file, line, package: ofPackage }: Pick<Subject, 'name' | 'file' | 'line' | 'package'>, x: number, y: number): Promise<void> {
    this.#source = null;
    this.#isLane = false;
    this.#isRow = true;
    await this.#show({ node: null, name, file, line, package: ofPackage, binary: '' }, x, y);
  }

  /** Shows it, unless the page where it was asked for was left meanwhile. */
  async #show(info: Subject, x: number, y: number, { page } = this.state.view): Promise<void> {
    this.info = info;
    await this.updateComplete;
    const panel = this.#panel();
    const isLeft = !this.isConnected || this.state.view.page !== page;
    if (panel !== null && !isLeft) openPopoverAt(x, y, panel);
  }

  protected override render(): TemplateResult {
    const { info } = this;
    return html`<div popover="manual" role="menu" aria-label=${info === null ? 'Frame' : info.name} @keydown=${this.#key}>
      ${info === null
        ? nothing
        : html`<div class="menu-title mono cut" aria-hidden="true">${info.name}</div>
            ${this.#groups(info).map(
              (group, row) => html`${row === 0 ? nothing : html`<div class="menu-line" role="separator"></div>`}
                ${group.map(
                  ({ label, of, key, run }) =>
                    html`<button class="menu-item" role="menuitem" title=${of ?? nothing} @click=${() => this.#run(run)}>
                      ${of === undefined ? html`<span class="cut">${label}</span>` : html`<span class="said">${label} <span class="cut tail"><bdi dir="ltr">${of}</bdi></span></span>`}${key === undefined || (this.#isRow && key !== 'o') ? nothing : html`<kbd aria-hidden="true">${key}</kbd>`}
                    </button>`,
                )}`,
            )}`}
    </div>`;
  }

  #ofLane({ node, name }: Subject): Entry[][] {
    const filters = ([[true, 'Only this lane', 'f'], [false, 'Hide this lane', 'h']] as const).flatMap(([keeps, label, key]): Entry[] => {
      const text = laneFilter(name, keeps);
      return text === null ? [] : [{ label, key, run: () => this.session.addFilter(text) }];
    });
    const { view } = this.session.store.state;
    const isClosed = isFolded(view, name);
    const fold: Entry = { label: isClosed ? 'Unfold the lane' : 'Fold the lane', key: 'l', run: () => this.session.navigate(folded(view, name, !isClosed), 'push') };
    return [[{ label: 'Show all of the time', key: 'Enter', run: () => this.#zoom(node ?? 0) }, fold, ...filters], [{ label: 'Copy the name', key: 'c', run: () => this.session.copy(name, 'the name') }]];
  }

  #groups(info: Subject): Entry[][] {
    if (this.#isLane) return this.#ofLane(info);
    const { session } = this;
    const { node } = info;
    const place = placeOf(info);
    const address = sourceAddress(info.file);
    const filter = (label: string, verb: FilterVerb, field: FilterField, name: string, key?: string): Entry => ({
      label,
      ...(key === undefined ? {} : { key }),
      run: () => session.addFilter(filterText(verb, field, name)),
    });
    // The root is no frame.
    const filters = node === 0 ? [] : [
      filter('Only stacks with it', 'focus', '', info.name, 'f'),
      filter('Stacks from it on', 'show-from', '', info.name),
      filter('No stacks with it', 'ignore', '', info.name),
      filter('Hide it', 'hide', '', info.name, 'h'),
      filter('Hide what it calls', 'collapse-function', '', info.name),
      filter('Collapse its recursion', 'collapse', '', info.name),
    ];
    const wider: Entry[] = [];
    const widen = (label: string, verb: FilterVerb, field: FilterField, of: string): unknown => of !== '' && wider.push({ ...filter(label, verb, field, of), of });
    widen('Only stacks with', 'focus', 'package', info.package);
    widen('Hide', 'hide', 'package', info.package);
    widen('Only stacks with', 'focus', 'binary', info.binary);
    const groups: Entry[][] = [
      [
        ...(node === null ? [] : [{ label: 'Zoom to it', key: 'Enter', run: () => this.#zoom(node) }]),
        { label: 'Search for it', run: () => session.navigate({ search: info.name }, 'push') },
        { label: 'Its callers and what it calls', key: 's', run: () => session.sandwich(info.name) },
      ],
      [
        { label: 'Copy the name', key: 'c', run: () => session.copy(info.name, 'the name') },
        ...(node === null ? [] : [{ label: 'Copy the stack', run: () => this.#copyStack(node) }]),
      ],
    ];
    const versus: Entry[] =
      session.store.state.view.page === 'compare'
        ? []
        : [
            ...BASES.slice(0, 2).map(({ kind, words }) => ({ label: `Compare with ${words}`, run: () => session.bases.earlier(kind, node === 0 ? null : info.name) })),
            { label: 'Compare with…', key: 'd', run: () => session.bases.choose(node === 0 ? null : info.name) },
          ];
    const source: Entry[] = [];
    if (info.file !== '') source.push({ label: 'Open the source', key: 'o', run: () => openSource(session, info.file, info.line) });
    if (place !== '') source.push({ label: 'Copy', of: place, run: () => session.copy(place, place) });
    if (address !== null) source.push({ label: 'Open the source in a new tab', run: () => open(address, '_blank', 'noopener,noreferrer') });
    return [...groups.slice(0, 1), filters, wider, versus, ...groups.slice(1), source].filter((group) => group.length > 0);
  }

  async #copyStack(node: number): Promise<void> {
    const path = (await this.#source?.path(node)) ?? [];
    await this.session.copy(path.map(({ shown }) => shown).join('\n'), `a stack of ${path.length} ${path.length === 1 ? 'frame' : 'frames'}`);
  }

  #panel(): HTMLElement | null {
    return this.querySelector<HTMLElement>('[popover]');
  }

  #run(run: () => unknown): void {
    this.#panel()?.hidePopover();
    Promise.resolve()
      .then(run)
      .catch((thrown: unknown) => this.session.notices.report(thrown));
  }

  #key(event: KeyboardEvent): void {
    const panel = this.#panel();
    if (panel === null) return;
    if (event.key === 'Tab') panel.hidePopover();
    else walkEntries(event, panel);
  }
}

adoptStyles(css`
  eg-frame-menu [popover] {
    width: 288px;
    overflow: auto;
  }
`);

customElements.define('eg-frame-menu', FrameMenu);
