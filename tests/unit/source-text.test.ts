import { describe, expect, it } from 'vitest';
import type { SourceLine } from '../../www/engine/protocol.ts';
import { SourceText, hotLines, nextHot, readText, strayLines } from '../../www/app/state/source-text.ts';
import { treeOfFiles } from '../../www/app/state/source-trees.ts';

const cost = (line: number, self: bigint, total = self): SourceLine => ({ line, self, total, functions: [] });

describe('a text', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['\u{feff}a\r\n\r\nb', ['a', '', 'b']],
    ['\n\n', ['', '']],
    ['<b>&amp;\t"', ['<b>&amp;\t"']],
  ])('%j has its lines', (text, lines) => {
    const of = new SourceText(text);
    expect(Array.from({ length: of.count }, (_, at) => of.line(at + 1))).toEqual(lines);
    expect(of.line(of.count + 1)).toBe('');
  });

  it('shows the begin of a line without an end', () => {
    const line = new SourceText(`${'x'.repeat(1_000_000)}\ny`).line(1);
    expect(line).toHaveLength(2001);
    expect(line.endsWith('…')).toBe(true);
  });

  it('is refused where it is none', async () => {
    await expect(readText(new Blob(['\u007fELF\0\0']), 'app')).rejects.toMatchObject({ code: 'source-no-text' });
    await expect(readText(new Blob(['a\nb']), 'app')).resolves.toHaveProperty('count', 2);
  });

  it('of another version is told by lines that cannot cost', () => {
    expect(strayLines(new SourceText('a\n  \nb\n'), [cost(0, 1n), cost(1, 1n), cost(2, 1n), cost(3, 1n), cost(4, 1n)])).toEqual({ beyond: 1, blank: 1 });
  });
});

describe('hot lines', () => {
  it('are those that end stacks, and all where none does', () => {
    expect(hotLines([cost(1, 5n, 9n), cost(2, 0n, 9n), cost(3, 7n), cost(0, 99n)])).toEqual([3, 1]);
    expect(hotLines([cost(1, 0n, 2n), cost(2, 0n, 9n)])).toEqual([2, 1]);
    expect(hotLines([])).toEqual([]);
  });

  it('are walked in the order of reading, around the end', () => {
    const hot = [30, 10, 20];
    expect([nextHot(hot, 10, 1), nextHot(hot, 30, 1), nextHot(hot, 15, -1), nextHot(hot, 10, -1), nextHot([], 1, 1)]).toEqual([20, 10, 10, 30, null]);
  });
});

describe('files that were chosen', () => {
  it('keep their paths below the folder, and are read by them', async () => {
    const file = (path: string, fromFolder: boolean) => ({ path, file: new File([path], path), fromFolder, bytes: 1, modifiedMs: null });
    const tree = treeOfFiles([file('shop/a.go', true), file('shop/cart/b.go', true)]);
    expect(tree.name).toBe('shop');
    expect(await (await tree.read('shop/cart/b.go')).text()).toBe('shop/cart/b.go');
    await expect(tree.read('shop/none.go')).rejects.toMatchObject({ code: 'source-gone' });
    expect(treeOfFiles([file('a.go', false)]).name).toBe('a.go');
  });
});
