/** The graph under fingers. */

import type { CDPSession, Page } from '@playwright/test';

import { App } from './app.ts';
import { expect, fixture, launch, test } from './harness.ts';

interface Finger {
  x: number;
  y: number;
}

/** Fingers on the screen. */
class Hand {
  readonly #page: Page;
  readonly #session: CDPSession;

  constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async on(page: Page): Promise<Hand> {
    return new Hand(page, await page.context().newCDPSession(page));
  }

  async #send(type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: Finger[]): Promise<void> {
    await this.#session.send('Input.dispatchTouchEvent', { type, touchPoints: fingers.map(({ x, y }, id) => ({ x, y, id })) });
  }

  async down(...fingers: Finger[]): Promise<void> {
    await this.#send('touchStart', fingers);
  }

  /** Moves fingers from one place to another in steps. */
  async move(from: Finger[], to: Finger[], steps = 8): Promise<void> {
    for (let step = 1; step <= steps; step += 1) {
      const between = (a: number, b: number): number => a + ((b - a) * step) / steps;
      await this.#send('touchMove', from.map((finger, at) => ({ x: between(finger.x, to[at]!.x), y: between(finger.y, to[at]!.y) })));
    }
  }

  /** Rests for some frames, then goes: a finger that goes while it moves is a fling, and the tap behind that only ends it. */
  async up(): Promise<void> {
    await this.#page.evaluate(async () => {
      for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
    });
    await this.#send('touchEnd', []);
  }
}

interface View {
  focus: number;
  x0: number;
  x1: number;
}

const viewOf = (app: App): Promise<View> => app.graph.evaluate((graph) => (graph as unknown as { scene: { view: View } }).scene.view);

test('fingers pan, zoom at the point between them, select, open and ask for the menu', async ({ site, userData, problems }) => {
  const context = await launch(userData, { baseURL: site.url, viewport: { width: 480, height: 900 }, hasTouch: true });
  problems.watch(context, site);
  const page = context.pages()[0]!;
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const hand = await Hand.on(page);
  const area = (await app.graph.locator('.tree').boundingBox())!;
  const y = area.y + 30;
  const shareAt = ({ x0, x1 }: View, x: number): number => x0 + ((x - area.x) / area.width) * (x1 - x0);

  await test.step('two fingers zoom at the point between them', async () => {
    const [from, to] = [[{ x: 180, y }, { x: 220, y }], [{ x: 120, y }, { x: 280, y }]];
    await hand.down(...from);
    await hand.move(from, to);
    await hand.up();
    await expect.poll(async () => { const { x0, x1 } = await viewOf(app); return 1 / (x1 - x0); }, 'four times as wide').toBeCloseTo(4, 1);
    const view = await viewOf(app);
    expect(view.focus).toBe(0);
    expect(shareAt(view, 200), 'what was between the fingers still is').toBeCloseTo((200 - area.x) / area.width, 2);
  });

  await test.step('one finger pans', async () => {
    const before = await viewOf(app);
    await hand.down({ x: 300, y });
    // The first pixels only tell a drag from a tap.
    await hand.move([{ x: 300, y }], [{ x: 290, y }], 1);
    await hand.move([{ x: 290, y }], [{ x: 190, y }]);
    await hand.up();
    await expect.poll(async () => (await viewOf(app)).x0).toBeGreaterThan(before.x0);
    const after = await viewOf(app);
    expect(after.x1 - after.x0).toBeCloseTo(before.x1 - before.x0, 6);
    expect(Math.abs(shareAt(after, 190) - shareAt(before, 290)) / (after.x1 - after.x0), 'what is under the finger stays there').toBeLessThan(0.03);
  });

  await test.step('a tap selects, the next one opens', async () => {
    const row = { x: 240, y: area.y + 30 };
    await page.touchscreen.tap(row.x, row.y);
    await expect(app.graph.locator('.tooltip')).toBeVisible();
    const { focus } = await viewOf(app);
    expect(focus, 'nothing was opened').toBe(0);
    await page.touchscreen.tap(row.x, row.y);
    await expect.poll(async () => (await viewOf(app)).focus).not.toBe(0);
    await expect(page.locator('eg-breadcrumbs .crumb')).not.toHaveCount(1);
  });

  await test.step('a long press opens the menu of the frame', async () => {
    await app.drawn();
    await hand.down({ x: 240, y: area.y + 50 });
    await expect(page.locator('eg-frame-menu [popover]')).toBeVisible();
    await hand.up();
    await expect(page.locator('eg-frame-menu [popover]'), 'it stays when the finger goes').toBeVisible();
    await page.getByRole('menuitem', { name: 'Search for it' }).tap();
    await expect(page.locator('eg-view-bar input[type=search]')).not.toHaveValue('');
  });
  await context.close();
});

test('keys that are pressed during a zoom are not lost', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const said = app.graph.locator('.announcer');
  await app.graph.locator('.tree').focus();
  const press = (...keys: string[]): Promise<void> =>
    app.graph.locator('.tree').evaluate((tree, pressed) => {
      for (const key of pressed) tree.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));
    }, keys);
  // One after the other, each when all is still.
  await press('Home');
  await expect(said).toContainText('100 %');
  const texts: string[] = [];
  for (let step = 0; step < 4; step += 1) {
    const before = await said.textContent();
    await press('ArrowDown');
    await expect(said).not.toHaveText(before ?? '');
    texts.push((await said.textContent()) ?? '');
  }
  // At once: the zooms in between do not swallow the steps behind them.
  await press('Home', 'ArrowDown', 'Enter', 'ArrowDown', 'Enter', 'ArrowDown', 'ArrowDown');
  const name = (text: string): string => text.split(', total')[0] ?? '';
  await expect(said).toContainText(name(texts[3] ?? ''));
  await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(3);
});
