import { describe, expect, it } from 'vitest';
import { filesOfDrop, filesOfList } from '../../www/engine/import-files.ts';

/** A folder entry that gives its children in portions, as browsers do. */
function folder(path: string, children: FileSystemEntry[], portion = 2): FileSystemEntry {
  return {
    isDirectory: true,
    isFile: false,
    name: path.split('/').at(-1),
    fullPath: path,
    createReader() {
      let at = 0;
      return {
        readEntries(done: (entries: FileSystemEntry[]) => void) {
          done(children.slice(at, (at += portion)));
        },
      };
    },
  } as unknown as FileSystemEntry;
}

function entry(path: string, readable = true): FileSystemEntry {
  const name = path.split('/').at(-1) ?? '';
  return {
    isDirectory: false,
    isFile: true,
    name,
    fullPath: path,
    file(done: (file: File) => void, failed: (error: Error) => void) {
      if (readable) done(new File(['x'], name));
      else failed(new Error('gone'));
    },
  } as unknown as FileSystemEntry;
}

function drop(...entries: FileSystemEntry[]): Pick<DataTransfer, 'items' | 'files'> {
  const items = entries.map((each) => ({ kind: 'file', webkitGetAsEntry: () => each, getAsFile: () => null }));
  return { items, files: [] } as unknown as DataTransfer;
}

describe('files of a drop', () => {
  it('walks folders until every portion is read and keeps paths', async () => {
    const deep = folder('/top/a', [entry('/top/a/3'), folder('/top/a/b', [entry('/top/a/b/4')])]);
    const files = await filesOfDrop(drop(folder('/top', [entry('/top/cpu-10'), entry('/top/cpu-9'), deep, entry('/top/z')]), entry('/loose')));
    expect(files.map(({ path, fromFolder }) => [path, fromFolder])).toEqual([
      ['loose', false],
      ['top/a/3', true],
      ['top/a/b/4', true],
      ['top/cpu-9', true],
      ['top/cpu-10', true],
      ['top/z', true],
    ]);
  });

  it('survives a folder nested 20,000 deep', async () => {
    let inner = entry('/bottom');
    for (let level = 0; level < 20_000; level += 1) inner = folder(`/${level}`, [inner]);
    expect(await filesOfDrop(drop(inner))).toHaveLength(1);
  });

  it('tells what cannot be read and goes on', async () => {
    const lost: string[] = [];
    const files = await filesOfDrop(drop(entry('/a', false), entry('/b')), (path) => lost.push(path));
    expect(files.map(({ path }) => path)).toEqual(['b']);
    expect(lost).toEqual(['a']);
  });
});

describe('files of an input', () => {
  it('tells a folder by its relative paths', async () => {
    const inside = Object.assign(new File(['x'], 'cpu.pb'), { webkitRelativePath: 'run/cpu.pb' });
    expect((await filesOfList([inside, new File(['x'], 'heap.pb')])).map(({ path, fromFolder }) => [path, fromFolder])).toEqual([
      ['heap.pb', false],
      ['run/cpu.pb', true],
    ]);
  });

  it('keeps the list that an input then forgets, and asks each file once for its size and age', async () => {
    let asked = 0;
    const list = Array.from({ length: 300 }, (_, at) => {
      const file = new File(['x'.repeat(at)], `cpu-${at}`, { lastModified: at });
      return Object.defineProperty(file, 'size', {
        get: () => {
          asked += 1;
          // Long enough that other tasks get their turn in between.
          for (const until = performance.now() + 0.2; performance.now() < until; );
          return at;
        },
      });
    });
    let turns = 0;
    const timer = setInterval(() => (turns += 1));
    const files = filesOfList(list);
    list.length = 0;
    const found = await files;
    clearInterval(timer);
    expect(found.map(({ path, bytes, modifiedMs }) => [path, bytes, modifiedMs])).toEqual(
      Array.from({ length: 300 }, (_, at) => [`cpu-${at}`, at, at === 0 ? null : at]),
    );
    expect(asked).toBe(300);
    expect(turns).toBeGreaterThan(1);
  });
});
