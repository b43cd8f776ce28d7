/**
 * The focusable tree that mirrors what is painted: an item for each visible box that is wide enough for a name (the
 * widest ones where there are many), placed over its box, in the order of the call tree.
 */

import type { QueryResult } from '../engine/protocol.ts';
import { mergedName, spoken } from './describe.ts';
import type { Layer } from './layer.ts';
import type { Painter } from './painter.ts';
import type { RowIndex } from './row-index.ts';
import { hitTest, levelsIn } from './viewport.ts';

/** More items would say more than anyone reads. */
const MOST_ITEMS = 240;

/** What is painted now. */
export interface Scene {
  layer: Layer;
  rows: RowIndex;
  scrollTop: number;
  height: number;
  result: QueryResult;
  /** Boxes from this width on are in the tree, CSS pixels. */
  nameWidth: number;
  /** Box that is in the tree whatever its width, or -1. */
  selected: number;
  /** Of lanes, by their nodes, whether they are unfolded. */
  unfolded: ReadonlyMap<number, boolean>;
}

/** Boxes of the tree in its order: callers before callees, left before right. */
export function treeBoxes({ layer: { list }, scrollTop, height, nameWidth, selected }: Scene): number[] {
  const [first, last] = levelsIn(scrollTop, height);
  let boxes: number[] = [];
  for (let box = 0; box < list.length; box += 1) {
    const level = list.depth[box] ?? 0;
    if (box === selected || (level >= first && level < last && (list.width[box] ?? 0) >= nameWidth)) boxes.push(box);
  }
  if (boxes.length > MOST_ITEMS) {
    boxes.sort((a, b) => (list.width[b] ?? 0) - (list.width[a] ?? 0));
    const kept = boxes.slice(0, MOST_ITEMS);
    boxes = selected < 0 || kept.includes(selected) ? kept : [...kept, selected];
  }
  return boxes.sort((a, b) => (list.x[a] ?? 0) - (list.x[b] ?? 0) || (list.depth[a] ?? 0) - (list.depth[b] ?? 0));
}

/** Place of a box among the drawn callees of its caller, from 1, and their number. */
export function placeAmongSiblings({ layer: { list }, rows }: Scene, box: number): { place: number; of: number } {
  const level = list.depth[box] ?? 0;
  const callerOf = (each: number): number =>
    level === 0 ? -1 : hitTest(list, rows, (list.x[each] ?? 0) + (list.width[each] ?? 0) / 2, level - 1);
  const caller = callerOf(box);
  const [first, last] = rows.range(level);
  const at = rows.position(box);
  let start = at;
  while (start > first && callerOf(rows.box(start - 1)) === caller) start -= 1;
  let end = at + 1;
  while (end < last && callerOf(rows.box(end)) === caller) end += 1;
  return { place: at - start + 1, of: end - start };
}

/** Keeps the items of a `role=tree` element. */
export class AccessibleTree {
  readonly #root: HTMLElement;
  readonly #items = new Map<number, HTMLElement>();

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** Brings the items in step with the scene; of a box that stays, the item stays. */
  update(scene: Scene, painter: Painter): void {
    const { layer, result, selected } = scene;
    const { list } = layer;
    const boxes = treeBoxes(scene);
    const kept = new Set(boxes.map((box) => list.node[box] ?? 0));
    for (const [node, item] of this.#items) {
      if (kept.has(node)) continue;
      item.remove();
      this.#items.delete(node);
    }
    let before: Element | null = null;
    for (const box of boxes) {
      const node = list.node[box] ?? 0;
      let item = this.#items.get(node);
      if (item === undefined) {
        item = document.createElement('div');
        item.role = 'treeitem';
        item.id = `node-${node}`;
        item.dataset['node'] = String(node);
        this.#items.set(node, item);
      }
      const name = list.isMerged(box) ? mergedName(list.count[box] ?? 0) : list.name(box);
      const { place, of } = placeAmongSiblings(scene, box);
      item.ariaLabel = spoken(name === '' ? 'Frame' : name, list.total[box] ?? 0n, list.self[box] ?? 0n, result);
      item.ariaLevel = String((list.depth[box] ?? 0) + 1);
      item.ariaPosInSet = String(place);
      item.ariaSetSize = String(of);
      item.ariaSelected = String(box === selected);
      const unfolded = scene.unfolded.get(node);
      item.ariaExpanded = unfolded === undefined ? null : String(unfolded);
      const { left, top, width, height } = painter.place(layer, box, scene.scrollTop);
      item.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
      const next: Element | null = before === null ? this.#root.firstElementChild : before.nextElementSibling;
      if (next !== item) this.#root.insertBefore(item, next);
      before = item;
    }
    if (selected >= 0) this.#root.setAttribute('aria-activedescendant', `node-${list.node[selected]}`);
    else this.#root.removeAttribute('aria-activedescendant');
  }

  /** Removes all items. */
  clear(): void {
    this.#items.clear();
    this.#root.replaceChildren();
    this.#root.removeAttribute('aria-activedescendant');
  }
}
