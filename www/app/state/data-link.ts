/**
 * Links that carry a profile: `#v=1&service=...&data=1.<base64url>`. The bytes are a CRC-32 (little-endian) and a gzipped pprof
 * (docs/links.md). A fragment never leaves the browser, so nothing is sent to whoever serves the page.
 */

import { EngineError } from '../../engine/errors.ts';
import { decodeView, encodeView } from './url.ts';
import type { View } from './view.ts';

const VERSION = '1';
/** Longest link that is offered, characters: what chats and mail programs leave whole. */
export const LONGEST_LINK = 32 * 1024;
/** Longest data that is read, characters. Deflate grows by a factor of 1,032 at most, so that it unpacks to 50 MB at most. */
const LONGEST_DATA = 64 * 1024;
/** Bytes of the checksum. */
const CHECKSUM = 4;

/** A profile that is in a link. */
export interface LinkedProfile {
  /** A gzipped pprof. */
  bytes: Uint8Array<ArrayBuffer>;
  /** As the link has it. */
  text: string;
  /** When the data begins, RFC 3339; empty if that is not known. */
  from: string;
  view: View;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ ((value & 1) * 0xedb88320);
  return value;
});

/** CRC-32 as gzip has it. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ (TABLE[(value ^ byte) & 0xff] as number);
  return ~value >>> 0;
}

function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x2000) text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  // The bits behind the last byte are 0.
  return toBase64Url(bytes) === text ? bytes : null;
}

/** Bytes as the value of `data`. */
export function packData(bytes: Uint8Array): string {
  const all = new Uint8Array(CHECKSUM + bytes.length);
  new DataView(all.buffer).setUint32(0, crc32(bytes), true);
  all.set(bytes, CHECKSUM);
  return `${VERSION}.${toBase64Url(all)}`;
}

/** The bytes that a value of `data` holds. Throws `link-too-long`, `link-version` or `link-damaged`. */
export function unpackData(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > LONGEST_DATA) throw new EngineError('link-too-long', `the link carries ${text.length} characters of data, and ${LONGEST_DATA} are read at most`);
  const version = /^(\d{1,6})\./.exec(text)?.[1];
  if (version === undefined) throw new EngineError('link-damaged', 'the data in the link has no version: the link was cut or changed on its way');
  if (version !== VERSION) throw new EngineError('link-version', `the data in the link is of version ${version}, and this page reads version ${VERSION}`);
  const all = fromBase64Url(text.slice(version.length + 1));
  if (all === null || all.length <= CHECKSUM) throw new EngineError('link-damaged', 'the data in the link is not whole: the link was cut or changed on its way');
  const bytes = all.subarray(CHECKSUM);
  if (new DataView(all.buffer).getUint32(0, true) !== crc32(bytes)) {
    throw new EngineError('link-damaged', 'the data in the link does not agree with its checksum: the link was cut or changed on its way');
  }
  return bytes;
}

/** Filters that look at labels, which merged data has no more. */
export function isLabelFilter(filter: string): boolean {
  return filter.startsWith('tag');
}

/** How a view looks at its merged data alone: labels, ranges and what needs times or a base are gone. */
export function viewOfData(view: View): View {
  const { graph, filters } = view;
  return {
    ...view,
    match: '',
    from: '',
    until: '',
    cut: false,
    windowFrom: '',
    windowUntil: '',
    filters: filters.filter((filter) => !isLabelFilter(filter)),
    graph: graph === 'time' || graph === 'diff' ? 'icicle' : graph,
    strip: 'total',
    by: '',
    page: '',
    baseService: '',
    baseMatch: '',
    baseFrom: '',
    baseUntil: '',
    baseFilters: null,
  };
}

/** The fragment (without `#`) of a view with the data that it shows. */
export function encodeDataLink(view: View, text: string, from: string): string {
  const begin = from === '' ? '' : `&data-from=${encodeURIComponent(from).replaceAll('%3A', ':')}`;
  return `${encodeView(view)}${begin}&data=${text}`;
}

/** The profile that a fragment carries, or null if it carries none. Throws as `unpackData`. */
export function decodeDataLink(fragment: string): LinkedProfile | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = fields.get('data');
  if (text === null) return null;
  const view = decodeView(fragment);
  if (view === null || view.service === '') throw new EngineError('link-damaged', 'the link does not say what its data is of: it was cut or changed on its way');
  return { bytes: unpackData(text), text, from: fields.get('data-from') ?? '', view };
}
