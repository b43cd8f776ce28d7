import { describe, expect, it } from 'vitest';
import { matchFinder } from '../../www/flamegraph/match.ts';
import { GlyphWidths, fitLabel, ownNameStart } from '../../www/flamegraph/text.ts';
import { seeded } from './draw-list-encoder.ts';

/** Half of a pair of UTF-16 code units. */
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A font of 7 pixels a glyph. */
const mono = new GlyphWidths(() => 7);

function label(name: string, glyphs: number, search = ''): string | null {
  return fitLabel(name, mono.of(name), glyphs * 7, mono, matchFinder(search)(name))?.text ?? null;
}

describe('fitLabel', () => {
  const method = 'github.com/acme/shop/internal/store.(*Index).lookup';

  it('keeps what fits', () => {
    expect(label('main.handle', 11)).toBe('main.handle');
    expect(label('f', 1)).toBe('f');
  });

  it('keeps the end of a path, from where a part begins', () => {
    expect(label(method, 40)).toBe('…shop/internal/store.(*Index).lookup');
    expect(label(method, 24)).toBe('…store.(*Index).lookup');
    expect(label(method, 18)).toBe('…(*Index).lookup');
    expect(label(method, 9)).toBe('…lookup');
    expect(label(method, 6)).toBe('lookup');
  });

  it('cuts the function itself last', () => {
    expect(label('encoding/json.reflectValue', 11)).toBe('reflec…alue');
    expect(label('encoding/json.reflectValue', 6)).toBe('refle…');
    expect(label('encoding/json.reflectValue', 4)).toBe('ref…');
    expect(label('encoding/json.reflectValue', 3)).toBeNull();
  });

  it('keeps the beginning too where whole parts of both fit', () => {
    expect(label(method, 36)).toBe('github.com/…store.(*Index).lookup');
    expect(label('encoding/json.(*decodeState).value', 31)).toBe('encoding/…(*decodeState).value');
    expect(label('encoding/json.(*decodeState).value', 26)).toBe('…json.(*decodeState).value');
  });

  it('keeps what a search found, and the function where both fit', () => {
    expect(label(method, 9, 'acme')).toContain('acme');
    expect(label(method, 16, 'acme')).toBe('…acme…lookup');
    expect(label(method, 12, 'internal')).toContain('internal');
    expect(label(method, 7, 'lookup')).toBe('…lookup');
    expect(label(method, 20, 'nowhere')).toBe(label(method, 20));
  });

  it('says where the searched part is in the label', () => {
    for (const search of ['acme', 'lookup', 'store', 'hub.com', 'Index']) {
      for (let glyphs = 6; glyphs < 60; glyphs += 1) {
        const fitted = fitLabel(method, mono.of(method), glyphs * 7, mono, matchFinder(search)(method));
        if (fitted?.match == null) continue;
        const shown = fitted.text.slice(...fitted.match);
        expect(search.startsWith(shown), `${shown} of ${search} in ${fitted.text}`).toBe(true);
      }
    }
  });

  it('never is wider than its room, and never splits a code point', () => {
    const random = seeded(5);
    const glyphs = [...'abcXYZ/.:()[]<>_$ éßж日本語🔥🧵'];
    const widths = new GlyphWidths((glyph) => 4 + (glyph.codePointAt(0) ?? 0) % 9);
    for (let round = 0; round < 3000; round += 1) {
      const name = Array.from({ length: 1 + Math.floor(random() * 60) }, () => glyphs[Math.floor(random() * glyphs.length)]).join('');
      const room = random() * 300;
      const search = random() < 0.5 ? '' : name.slice(Math.floor(random() * name.length)).slice(0, 5);
      const found = LONE.test(search) ? null : matchFinder(search)(name);
      const fitted = fitLabel(name, widths.of(name), room, widths, found);
      if (fitted === null) continue;
      expect(widths.of(fitted.text)).toBeLessThanOrEqual(room + 1e-6);
      expect(fitted.text).not.toMatch(LONE);
    }
  });

  it('is quick on names that no one should write', () => {
    const start = performance.now();
    for (const name of ['.1'.repeat(50_000) + 'x', '('.repeat(100_000), '<a>'.repeat(30_000) + '!', 'a'.repeat(100_000)]) label(name, 30);
    expect(performance.now() - start).toBeLessThan(400);
  });
});

describe('ownNameStart', () => {
  it.each([
    ['main.handle', 'handle'],
    ['runtime.mallocgc', 'mallocgc'],
    ['github.com/a/b.(*T).Method', 'Method'],
    ['main.serve.func1', 'serve.func1'],
    ['main.serve.func1.2', 'serve.func1.2'],
    ['net/http.(*conn).serve-fm', 'serve-fm'],
    ['main.Map[...]', 'Map[...]'],
    ['java.util.concurrent.FutureTask.run', 'run'],
    ['core::iter::Iterator::fold', 'fold'],
    ['app::run::{{closure}}', 'run::{{closure}}'],
    ['std::sort(int, std::less<int>)', 'sort(int, std::less<int>)'],
    ['run_forever (asyncio/base_events.py:603)', 'run_forever (asyncio/base_events.py:603)'],
    ['main', 'main'],
    ['', ''],
  ])('of %s is %s', (name, own) => expect(name.slice(ownNameStart(name))).toBe(own));
});

describe('matchFinder', () => {
  it('finds substrings in any case and expressions as they are', () => {
    expect(matchFinder('HAND')('main.handle')).toEqual([5, 9]);
    expect(matchFinder('x')('main.handle')).toBeNull();
    expect(matchFinder('/h.n/')('main.handle')).toEqual([5, 8]);
    expect(matchFinder('/H.n/')('main.handle')).toBeNull();
    expect(matchFinder('/(?i)H.n/')('main.handle')).toEqual([5, 8]);
    expect(matchFinder('')('main.handle')).toBeNull();
    expect(matchFinder('/')('a/b')).toEqual([1, 2]);
  });

  it('marks nothing where an expression cannot be read or could take long', () => {
    expect(matchFinder('/(/')('a(b')).toBeNull();
    const start = performance.now();
    expect(matchFinder('/(a+)+$/')(`${'a'.repeat(60)}b`)).toBeNull();
    expect(performance.now() - start).toBeLessThan(100);
  });
});
