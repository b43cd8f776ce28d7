/** Archives on the command line: each member is a file of its own. */

import { describe, expect, test } from 'vitest';

import { emberglass } from './run.ts';

interface Info {
  files: { file: string; format: string; profiles: { type: string; total: number }[] }[];
  errors: { file: string; code: string }[];
}

describe.concurrent('archives', () => {
  test.each([
    ['archives/shop.zip', 'shop/eu/mutex.pb.gz'],
    ['archives/shop-gnu.tar.gz', `shop/${'a-folder-with-quite-a-long-name/'.repeat(4)}mutex.pb.gz`],
    ['archives/shop-pax.tar.zst', `shop/${'a-folder-with-quite-a-long-name/'.repeat(4)}mutex.pb.gz`],
  ])('info lists each member of %s', async (archive, first) => {
    const { status, out, error } = await emberglass('info', archive, '--json');
    const { files, errors } = JSON.parse(out) as Info;
    expect(files.map(({ file, format }) => [file, format])).toEqual([
      [`${archive}/${first}`, 'pprof'],
      [`${archive}/shop/us/raw-small.folded`, 'folded'],
      [`${archive}/shop/us/threads é.folded.zst`, 'folded'],
    ]);
    expect(errors.map(({ file, code }) => [file, code])).toEqual([[`${archive}/shop/eu/broken.pb.gz`, 'truncated']]);
    expect(error).toContain(`emberglass: ${archive}: warning: 1 file of no known format skipped (unrecognized-format)\n`);
    expect(status).toBe(1);
  });

  test('top adds up the members, each distinct one once', async () => {
    const [zip, plain] = await Promise.all([
      emberglass('top', 'archives/zstd-method.zip', 'archives/two-frames.folded.zst', '--json'),
      emberglass('top', 'folded/inferno-raw-small.folded', '--json'),
    ]);
    expect([zip.status, zip.error]).toEqual([0, '']);
    expect(zip.out).toBe(plain.out);
  });

  test('an encrypted member is an error of its own', async () => {
    const { status, out } = await emberglass('info', 'archives/encrypted.zip', '--json');
    const { files, errors } = JSON.parse(out) as Info;
    expect(files.map(({ file }) => file)).toEqual(['archives/encrypted.zip/mutex.pb.gz']);
    expect(errors.map(({ file, code }) => [file, code])).toEqual([['archives/encrypted.zip/threadcreate.pb.gz', 'encrypted']]);
    expect(status).toBe(1);
  });
});
