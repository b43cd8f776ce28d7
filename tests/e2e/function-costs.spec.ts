/** Formats of call graphs: what they state for each function is stored, and answers the top table. */

import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';
import { emberglass } from '../cli/run.ts';

interface Top {
  functions: { name: string; self: number; total: number }[];
}

for (const [folder, name] of [
  ['callgrind', 'callgrind.out'],
  ['python', 'cprofile.pstats'],
] as const) {
  test(`the functions of ${name} are those of the command line, and the table says where they come from`, async ({ page }) => {
    const app = new App(page);
    await app.open();
    await app.drop(fixture(folder, name));
    await app.imported();
    await app.sum();
    await expect(app.table.locator('.origin')).toHaveText('as stated');
    const answer = await emberglass('top', '--json', `${folder}/${name}`);
    const { functions } = JSON.parse(answer.out) as Top;
    const rows = await app.rows();
    expect(rows.length).toBeGreaterThan(5);
    // Names of equal values stand in the order of the names on both sides.
    const shown = rows.map(({ name, self, total }) => [name, Number(self), Number(total)]);
    expect(shown).toEqual(functions.slice(0, rows.length).map((row) => [row.name, row.self, row.total]));
    await page.reload();
    await app.sum();
    await expect(app.table.locator('.origin')).toHaveText('as stated');
    expect(await app.rows()).toEqual(rows);
  });
}
