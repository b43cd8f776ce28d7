import { describe, expect, it } from 'vitest';
import { pastedFiles, urlsOf } from '../../www/app/state/incoming.ts';
import { withFiles } from '../../scripts/lib/service-worker.mjs';

describe('what comes from outside', () => {
  it('addresses of a fragment, with and without a view beside them', () => {
    expect(urlsOf('#url=https%3A%2F%2Fhost%2Fa.pb.gz&v=1&url=b.json')).toEqual(['https://host/a.pb.gz', 'b.json']);
    expect(urlsOf('#v=1&service=shop')).toEqual([]);
    expect(urlsOf('#url=')).toEqual([]);
  });

  it('pasted files win over text, and blank text is nothing', async () => {
    const file = new File(['x'], 'cpu.pb');
    const data = (files: File[], text: string) => ({ files: files as unknown as FileList, getData: () => text });
    expect(pastedFiles(data([file], 'text')).map(({ path }) => path)).toEqual(['cpu.pb']);
    expect(pastedFiles(data([], ' \n'))).toEqual([]);
    const [pasted] = pastedFiles(data([], 'a;b 1'));
    expect(await pasted?.file.text()).toBe('a;b 1');
  });
});

describe('the list of files in the service worker', () => {
  const script = 'x(SITE_FILES, SITE_VERSION)';
  const of = (files: Record<string, string>): string => withFiles(script, new Map(Object.entries(files)));

  it('names the page by its folder', () => {
    expect(of({ 'index.html': 'page', 'a/b.js': 'code' })).toMatch(/^x\(\["\.\/a\/b\.js","\.\/"\], "[0-9a-f]{16}"\)$/);
  });

  it('changes with every file, and with nothing else', () => {
    expect(of({ a: '1', b: '2' })).toBe(of({ b: '2', a: '1' }));
    expect(of({ a: '1', b: '3' })).not.toBe(of({ a: '1', b: '2' }));
    expect(of({ a: '12', b: '' })).not.toBe(of({ a: '1', b: '2' }));
  });
});
