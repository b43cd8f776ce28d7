/** Pictures of a graph, all levels of what is between its edges: as SVG with a title for each box, or as PNG. */

import { exactValue, formatPercent } from '../engine/format.ts';
import { mergedName } from './describe.ts';
import { LabelCache } from './label-cache.ts';
import { matchFinder } from './match.ts';
import { overviewOf } from './overview.ts';
import { Painter } from './painter.ts';
import type { Palette } from './palette.ts';
import type { FlameSource } from './source.ts';
import { GlyphWidths } from './text.ts';
import { plainLayer } from './transition.ts';
import { BoxFlag } from '../engine/protocol.ts';
import { ROW_HEIGHT } from './viewport.ts';
import type { Drawn, View } from './viewport.ts';

export type PictureKind = 'svg' | 'png';

/** A picture as a file. */
export interface Picture {
  file: Blob;
  /** Levels that are too deep for a picture of its kind. */
  left: number;
}

/** What is drawn and how it looks. */
export interface PictureScene {
  source: FlameSource;
  view: View;
  /** CSS pixels. */
  width: number;
  search: string;
  palette: Palette;
  family: string;
  upwards: boolean;
}

const SVG = 'http://www.w3.org/2000/svg';
/** Boxes are merged below this width, CSS pixels. */
const NARROW = 1;
const FONT_SIZE = 12;
const BASELINE = 14;
const PADDING = 4;
/** Canvases of browsers are no taller, device pixels. */
const MOST_PIXELS = 16_000;
/** What XML cannot say. */
// eslint-disable-next-line no-control-regex
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Draws a part of a source. */
export async function pictureOf(kind: PictureKind, scene: PictureScene): Promise<Picture> {
  const { source, view, width, search } = scene;
  const drawn = await overviewOf(source, { view, width, minWidth: NARROW, nameWidth: NARROW, search });
  if (kind === 'svg') return { file: new Blob([svgOf(drawn, scene)], { type: 'image/svg+xml' }), left: 0 };
  return pngOf(drawn, scene);
}

function svgOf(drawn: Drawn, { source, palette, family, upwards, search, width }: PictureScene): string {
  const { list, request } = drawn;
  const { unit, scale, total } = source.result;
  const height = (list.deepest + 1) * ROW_HEIGHT;
  const sheet = document.implementation.createDocument(SVG, 'svg');
  const root = sheet.documentElement;
  const add = (parent: Element, name: string, attributes: Record<string, string | number>, text = ''): Element => {
    const element = sheet.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    if (text !== '') element.textContent = text.replace(UNSAYABLE, '\ufffd');
    parent.append(element);
    return element;
  };
  const size = { width, height };
  for (const [key, value] of Object.entries({ ...size, viewBox: `0 0 ${width} ${height}`, 'font-family': family, 'font-size': FONT_SIZE })) {
    root.setAttribute(key, String(value));
  }
  add(root, 'rect', { ...size, fill: `rgb(${palette.theme.background.join()})` });
  const labels = new LabelCache(measure(family)).of(list, 1, matchFinder(search));
  for (let box = 0; box < list.length; box += 1) {
    const flags = list.flags[box] ?? 0;
    const level = list.depth[box] ?? 0;
    const passed = (flags & BoxFlag.ancestor) !== 0;
    const left = passed ? 0 : Math.max(0, list.x[box] ?? 0);
    const right = passed ? width : Math.min(width, (list.x[box] ?? 0) + (list.width[box] ?? 0));
    if (right <= left) continue;
    const y = upwards ? height - (level + 1) * ROW_HEIGHT : level * ROW_HEIGHT;
    const faded = passed && list.node[box] !== request.focus;
    const paint = palette.paint(list.color[box] ?? 0, flags, (level & 1) as 0 | 1, search !== '', faded);
    const group = add(root, 'g', {});
    const name = list.isMerged(box) ? mergedName(list.count[box] ?? 0) : list.name(box);
    const value = list.total[box] ?? 0n;
    const facts = `${exactValue(value, unit, scale)}, ${formatPercent(value, total)}`;
    add(group, 'title', {}, name === '' ? facts : `${name}: ${facts}`);
    const gap = right - left > 3 ? 1 : 0;
    add(group, 'rect', { x: round(left), y, width: round(right - left - gap), height: ROW_HEIGHT - 1, fill: paint.fill });
    const label = list.isMerged(box) || list.isNamed(box) ? labels.label(box, right - left - gap) : null;
    if (label !== null) add(group, 'text', { x: round(left + PADDING), y: y + BASELINE, fill: paint.text }, label.text);
  }
  return new XMLSerializer().serializeToString(sheet);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function measure(family: string): GlyphWidths {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) throw new Error('This browser gives no 2D canvas.');
  context.font = `${FONT_SIZE}px ${family}`;
  return new GlyphWidths((glyph) => context.measureText(glyph).width);
}

async function pngOf(drawn: Drawn, { palette, family, upwards, search, width }: PictureScene): Promise<Picture> {
  const levels = drawn.list.deepest + 1;
  const ratio = Math.max(1, Math.min(devicePixelRatio, MOST_PIXELS / (levels * ROW_HEIGHT)));
  const shown = Math.min(levels, Math.floor(MOST_PIXELS / ratio / ROW_HEIGHT));
  const content = document.createElement('canvas');
  const painter = new Painter(content, document.createElement('canvas'), palette);
  painter.resize(Math.round(width * ratio), Math.round(shown * ROW_HEIGHT * ratio), ratio);
  painter.turn(upwards);
  painter.style(palette, family);
  painter.paint([plainLayer(drawn)], 0, { active: search !== '', find: matchFinder(search) });
  const file = await new Promise<Blob | null>((resolve) => content.toBlob(resolve, 'image/png'));
  if (file === null) throw new Error('This browser made no picture of that size.');
  return { file, left: levels - shown };
}
