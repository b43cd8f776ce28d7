/** Links that carry data: what they hold comes back, and nothing else does. */

import { readFileSync } from 'node:fs';
import { crc32 as crcOfZlib } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { addressed } from '../../www/app/state/address.ts';
import { crc32, decodeDataLink, encodeDataLink, isLabelFilter, packData, unpackData, viewOfData } from '../../www/app/state/data-link.ts';
import { DEFAULT_VIEW } from '../../www/app/state/view.ts';
import type { View } from '../../www/app/state/view.ts';
import { EngineError } from '../../www/engine/errors.ts';

const PROFILE = new Uint8Array(readFileSync('tests/fixtures/go/cpu.pb.gz')).slice(0, 1500);
const VIEW: View = { ...DEFAULT_VIEW, service: 'shop', type: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds', filters: ['hide:/^runtime/'], search: 'a&b' };

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing was thrown';
  } catch (thrown) {
    return EngineError.of(thrown).code;
  }
}

describe('data in a link', () => {
  it('comes back byte by byte', () => {
    for (const size of [1, 2, 3, 4, 5, 100, 1500]) {
      const bytes = PROFILE.slice(0, size);
      const text = packData(bytes);
      expect(text).toMatch(/^1\.[A-Za-z0-9_-]+$/);
      expect(unpackData(text)).toEqual(bytes);
    }
  });

  it('has the checksum of gzip', () => {
    expect(crc32(PROFILE)).toBe(crcOfZlib(PROFILE));
  });

  it('is refused where any of its characters is another one, or missing', () => {
    const text = packData(PROFILE.slice(0, 400));
    for (let at = 0; at < text.length; at += 1) {
      for (const other of ['A', 'B', '_', '9', '%', ' ', '.', 'é']) {
        if (other === text[at]) continue;
        const damaged = text.slice(0, at) + other + text.slice(at + 1);
        expect(codeOf(() => unpackData(damaged)), `${other} at ${at}`).toMatch(/^link-(damaged|version)$/);
      }
      expect(codeOf(() => unpackData(text.slice(0, at))), `cut at ${at}`).toBe('link-damaged');
      expect(codeOf(() => unpackData(text.slice(0, at) + text.slice(at + 1))), `without ${at}`).toMatch(/^link-(damaged|version)$/);
    }
  });

  it('is refused by a page that does not know its version, and where it is longer than links are', () => {
    expect(codeOf(() => unpackData(packData(PROFILE).replace(/^1/, '2')))).toBe('link-version');
    expect(codeOf(() => unpackData(`1.${'A'.repeat(70_000)}`))).toBe('link-too-long');
  });

  it('stands behind the view in the address', () => {
    const text = packData(PROFILE);
    const fragment = encodeDataLink(VIEW, text, '2026-11-24T01:51:03.5Z');
    expect(new URL(`https://host/path#${fragment}`).hash).toBe(`#${fragment}`);
    const linked = decodeDataLink(`#${fragment}`);
    expect(linked).toEqual({ bytes: PROFILE, text, from: '2026-11-24T01:51:03.5Z', view: VIEW });
    expect(decodeDataLink('#v=1&service=shop')).toBeNull();
    expect(codeOf(() => decodeDataLink(`#data=${text}`))).toBe('link-damaged');
  });

  it('is reported, and passed over, where it is damaged', () => {
    const told: string[] = [];
    const { linked, view } = addressed('#v=1&service=shop&data=1.AAAA', (thrown) => told.push(EngineError.of(thrown).code));
    expect({ linked, view, told }).toEqual({ linked: null, view: DEFAULT_VIEW, told: ['link-damaged'] });
  });
});

describe('the view of data in a link', () => {
  it('has no labels, ranges or comparisons, and keeps filters of frames', () => {
    const view = viewOfData({ ...VIEW, match: '{a="b"}', from: 'end-1h', cut: true, graph: 'time', windowFrom: 'x', filters: ['tagfocus:a=b', 'hide:x'], baseService: 'other', by: 'pod', strip: 'groups' });
    expect(view).toEqual({ ...VIEW, filters: ['hide:x'] });
    expect(['tagroot:x', 'tagleaf:x', 'tagignore:x', 'focus:tag'].map(isLabelFilter)).toEqual([true, true, true, false]);
  });
});
