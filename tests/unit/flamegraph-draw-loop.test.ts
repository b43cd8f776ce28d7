import { describe, expect, it } from 'vitest';
import type { DrawRequest } from '../../www/engine/protocol.ts';
import { requestFor, serves } from '../../www/flamegraph/coverage.ts';
import type { Need } from '../../www/flamegraph/coverage.ts';
import { DrawLoop } from '../../www/flamegraph/draw-loop.ts';
import type { FlameSource } from '../../www/flamegraph/source.ts';
import { wholeOf } from '../../www/flamegraph/viewport.ts';
import { encodeDrawList, wholeRequest } from './draw-list-encoder.ts';

interface Question {
  request: DrawRequest;
  answer: (buffer: ArrayBuffer) => void;
  refuse: (error: unknown) => void;
}

/** A source that is answered by hand. */
function manual(): { source: FlameSource; questions: Question[] } {
  const questions: Question[] = [];
  const draw = (request: DrawRequest): Promise<ArrayBuffer> =>
    new Promise((answer, refuse) => {
      questions.push({ request, answer, refuse });
    });
  return { source: { draw } as FlameSource, questions };
}

function host(): { drawn: number[]; failed: unknown[]; loop: DrawLoop } {
  const drawn: number[] = [];
  const failed: unknown[] = [];
  const loop = new DrawLoop({
    drawn: ({ request }) => drawn.push(request.focus),
    failed: (error) => failed.push(error),
  });
  return { drawn, failed, loop };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('DrawLoop', () => {
  it('has one question under way and asks the newest of those that wait', async () => {
    const { source, questions } = manual();
    const { loop, drawn } = host();
    loop.use(source);
    for (const focus of [1, 2, 3, 4]) loop.ask(wholeRequest(focus));
    expect(questions.map(({ request }) => request.focus)).toEqual([1]);
    expect(loop.last?.focus).toBe(4);
    questions[0]?.answer(encodeDrawList([]));
    await settled();
    expect(drawn).toEqual([1]);
    expect(questions.map(({ request }) => request.focus)).toEqual([1, 4]);
    questions[1]?.answer(encodeDrawList([]));
    await settled();
    expect(drawn).toEqual([1, 4]);
    expect(questions).toHaveLength(2);
  });

  it('gives a question up for one with another search, and says nothing of it', async () => {
    const { loop, drawn, failed } = host();
    const asked: [string, AbortSignal | undefined][] = [];
    const draw = (request: DrawRequest, signal?: AbortSignal): Promise<ArrayBuffer> =>
      new Promise((answer, refuse) => {
        asked.push([request.search, signal]);
        if (request.search === 'slow') signal?.addEventListener('abort', () => refuse(new Error('given up')));
        else answer(encodeDrawList([]));
      });
    loop.use({ draw } as FlameSource);
    loop.ask({ ...wholeRequest(1), search: 'slow' });
    loop.ask({ ...wholeRequest(2), search: 'slow' });
    expect(asked[0]?.[1]?.aborted).toBe(false);
    loop.ask({ ...wholeRequest(3), search: 'slower' });
    expect(asked[0]?.[1]?.aborted).toBe(true);
    await settled();
    expect(asked.map(([search]) => search)).toEqual(['slow', 'slower']);
    expect([drawn, failed]).toEqual([[3], []]);
  });

  it('drops answers of a former source, and does not wait for them', async () => {
    const before = manual();
    const after = manual();
    const { loop, drawn, failed } = host();
    loop.use(before.source);
    loop.ask(wholeRequest(1));
    loop.ask(wholeRequest(2));
    loop.use(after.source);
    expect(loop.last).toBeNull();
    loop.ask(wholeRequest(3));
    expect(after.questions).toHaveLength(1);
    before.questions[0]?.answer(encodeDrawList([]));
    after.questions[0]?.answer(encodeDrawList([]));
    await settled();
    expect(drawn).toEqual([3]);
    expect(before.questions).toHaveLength(1);
    expect(failed).toEqual([]);
  });

  it('tells of failures and of buffers that are no draw lists, and goes on', async () => {
    const { source, questions } = manual();
    const { loop, drawn, failed } = host();
    loop.use(source);
    loop.ask(wholeRequest(1));
    loop.ask(wholeRequest(2));
    questions[0]?.refuse({ code: 'unknown-handle', message: 'gone', offset: null });
    await settled();
    questions[1]?.answer(new ArrayBuffer(3));
    await settled();
    expect(failed).toEqual([{ code: 'unknown-handle', message: 'gone', offset: null }, expect.objectContaining({ code: 'bad-draw-list' })]);
    loop.ask(wholeRequest(3));
    questions[2]?.answer(encodeDrawList([]));
    await settled();
    expect(drawn).toEqual([3]);
  });

  it('asks nothing without a source', () => {
    const { loop, drawn } = host();
    loop.ask(wholeRequest(1));
    expect(drawn).toEqual([]);
  });
});

describe('coverage', () => {
  const need: Need = { view: wholeOf(0), first: 30, last: 70, width: 800, search: '' };

  it('reaches over the edges of the viewport', () => {
    expect(requestFor(need)).toMatchObject({ depth0: 10, depth1: 90, width: 800, focus: 0 });
    expect(requestFor({ ...need, first: 5, last: 45 }).depth0).toBe(0);
  });

  it('serves a scroll until the edge is near', () => {
    const asked = requestFor(need);
    const scrolled = (by: number): Need => ({ ...need, first: 30 + by, last: 70 + by });
    expect(serves(asked, need, null)).toBe(true);
    expect(serves(asked, scrolled(13), null)).toBe(true);
    expect(serves(asked, scrolled(14), null)).toBe(false);
    expect(serves(asked, scrolled(-13), null)).toBe(true);
    expect(serves(asked, scrolled(-14), null)).toBe(false);
  });

  it('needs nothing below the deepest level, nor above the root', () => {
    const asked = requestFor(need);
    expect(serves(asked, { ...need, first: 48, last: 88 }, 89)).toBe(true);
    expect(serves(asked, { ...need, first: 48, last: 88 }, 90)).toBe(false);
    expect(serves({ ...asked, depth0: 0 }, { ...need, first: 0, last: 40 }, null)).toBe(true);
    expect(serves(asked, { ...need, first: 0, last: 5 }, 60)).toBe(false);
  });

  it('serves no other view, width or search', () => {
    const asked = requestFor(need);
    expect(serves(asked, { ...need, view: wholeOf(1) }, null)).toBe(false);
    expect(serves(asked, { ...need, view: { focus: 0, x0: 0, x1: 0.5 } }, null)).toBe(false);
    expect(serves(asked, { ...need, width: 801 }, null)).toBe(false);
    expect(serves(asked, { ...need, search: 'x' }, null)).toBe(false);
  });
});
