/** Data that a newer version of the page wrote: refused, never touched, and carried elsewhere as it is. */

import { readFile, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import type { Page } from '@playwright/test';

import { CONTENT_SECURITY_POLICY } from '../../scripts/lib/csp.mjs';
import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, testOnDisk as test } from './harness.ts';

const FILES = [fixture('go', 'cpu.pb.gz'), fixture('callgrind', 'callgrind.out')];

/** Does something in the page's database, opened at `version`. */
async function inDatabase(page: Page, version: number | null, manifestVersion: number | null): Promise<void> {
  await page.evaluate(
    async ([at, manifest]) => {
      const [{ name } = { name: undefined }] = await indexedDB.databases();
      const opening = indexedDB.open(name ?? '', at ?? undefined);
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error ?? new Error('not opened'));
      });
      if (manifest !== null) {
        const transaction = database.transaction('manifest', 'readwrite');
        const store = transaction.objectStore('manifest');
        const reading = store.get('current');
        reading.onsuccess = () => {
          const stored = reading.result as { generation: number; bytes: ArrayBuffer };
          new DataView(stored.bytes).setUint16(4, manifest, true);
          store.put(stored, 'current');
        };
        await new Promise((resolve) => (transaction.oncomplete = resolve));
      }
      database.close();
    },
    [version, manifestVersion] as const,
  );
}

/** Imports, and makes what is stored that of a newer page; gives the sums of before. */
async function newer(page: Page, version: number | null, manifestVersion: number | null): Promise<Record<string, string>> {
  const app = new App(page);
  await app.open();
  await app.choose(...FILES);
  await app.imported();
  const sums = await app.sums();
  // A page of the same origin without the app.
  const headers = { 'content-type': 'text/html', 'content-security-policy': CONTENT_SECURITY_POLICY };
  await page.route('**/blank', (route) => route.fulfill({ headers, body: '<link rel="icon" href="data:,">' }));
  await page.goto('/blank');
  await inDatabase(page, version, manifestVersion);
  await page.goto('/');
  return sums;
}

async function copied(page: Page, file: string): Promise<void> {
  const failed = page.getByRole('alert').filter({ hasText: 'could not start' });
  await expect(failed).toContainText('storage-newer-version');
  await expect(failed).toContainText('save a copy');
  await expectAccessible(page, 'data of a newer page');
  const downloading = page.waitForEvent('download');
  await failed.getByRole('button', { name: 'Save a copy of the data' }).click();
  await (await downloading).saveAs(file);
  await expect(page.getByText(/All data is copied to emberglass-data.emberglass \(.+\)/)).toBeVisible();
}

test('a database of a newer schema is copied, and the copy imported elsewhere', async ({ page, elsewhere }, info) => {
  test.slow();
  const sums = await newer(page, 99, null);
  const file = info.outputPath('copy.emberglass');
  await copied(page, file);

  const other = new App(elsewhere);
  await other.open();
  await other.choose(file);
  await other.imported();
  expect(await other.sums()).toEqual(sums);
});

test('a newer manifest is copied as it is, and read by the version that knows it', async ({ page, elsewhere }, info) => {
  test.slow();
  const sums = await newer(page, null, 99);
  const file = info.outputPath('copy.emberglass');
  await copied(page, file);

  const other = new App(elsewhere);
  await other.open();
  await other.choose(file);
  await expect(other.report).toBeVisible();
  expect((await other.lines())['copy.emberglass']).toMatchObject({ word: 'failed', detail: expect.stringContaining('open it with a newer Emberglass') });
  await other.page.keyboard.press('Escape');

  // This version is the newer one for a copy whose manifest has a version that it knows.
  const known = info.outputPath('known.emberglass');
  await writeFile(known, knownManifest(await readFile(file)));
  await other.choose(known);
  await expect(other.saveState).toHaveText('saved');
  await other.drawn();
  expect(await other.sums()).toEqual(sums);
});

/** A copy whose manifest has the version of this page: docs/pack-format.md says where it lies. */
function knownManifest(copy: Buffer): Buffer {
  const header = 12;
  const payloadAt = header + 12;
  const length = copy.readUInt32LE(header + 4);
  const valueAt = payloadAt + length;
  const end = valueAt + valueLength(copy.subarray(payloadAt, valueAt));
  copy.writeUInt16LE(3, valueAt + 4);
  copy.writeUInt32LE(crc32(copy.subarray(valueAt, end)), valueAt - 4);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(copy.subarray(payloadAt, valueAt)));
  copy.writeUInt32LE(crc32(sum, crc32(copy.subarray(header, header + 8))), header + 8);
  return copy;
}

/** The length that the payload of a stored manifest states: behind its tag and its generation. */
function valueLength(payload: Buffer): number {
  let at = 1;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = payload.readUInt8(at);
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  varint();
  return varint();
}
