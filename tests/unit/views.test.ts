import { describe, expect, it } from 'vitest';
import { filterGroups } from '../../www/app/state/pick.ts';
import type { PickGroup } from '../../www/app/state/pick.ts';
import { snapRange, tickLabels, valueRange } from '../../www/app/state/time-axis.ts';
import { togglePane } from '../../www/app/state/view.ts';

const SECOND = 1_000_000_000n;

describe('a drag over the time line', () => {
  const line = { from: 1000n * SECOND, until: 1100n * SECOND, series: { start: 1000n * SECOND, step: 10n * SECOND } };

  it('takes whole steps', () => {
    expect(snapRange(line, 0.25, 0.41)).toEqual({ from: 1020n * SECOND, until: 1050n * SECOND });
    expect(snapRange(line, 0.33, 0.33)).toEqual({ from: 1030n * SECOND, until: 1040n * SECOND });
  });

  it('stays within the time line', () => {
    expect(snapRange(line, -3, 0.05).from).toBe(1000n * SECOND);
    expect(snapRange(line, 0.95, 7).until).toBe(1110n * SECOND);
  });

  it('rounds down for steps that begin before the time line', () => {
    const early = { ...line, series: { start: 1005n * SECOND, step: 10n * SECOND } };
    expect(snapRange(early, 0, 0.01)).toEqual({ from: 995n * SECOND, until: 1005n * SECOND });
  });
});

describe('the axes of the time line', () => {
  it('name the date once, and again where a day begins', () => {
    const midnight = Date.UTC(2026, 10, 24) / 1000;
    expect(tickLabels([midnight - 120, midnight - 60, midnight, midnight + 60], 60, true)).toEqual([
      '11-23 23:58',
      '23:59',
      '11-24 00:00',
      '00:01',
    ]);
  });

  it('are as fine as the steps', () => {
    const at = Date.UTC(2026, 10, 24, 13, 5, 59) / 1000;
    expect(tickLabels([at, at + 1], 1, true)).toEqual(['11-24 13:05:59', '13:06:00']);
    expect(tickLabels([at, at + 0.25], 0.25, true)).toEqual(['11-24 13:05:59.000', '13:05:59.250']);
    expect(tickLabels([at], 86_400, true)).toEqual(['2026-11-24']);
    expect(tickLabels([at, at + 1, at + 2], 1, true, at + 0.5), 'what has no room').toEqual(['', '11-24 13:06:00', '13:06:01']);
  });

  it('hold zero, and negative values where there are any', () => {
    expect(valueRange(5, 10)).toEqual([0, 11]);
    expect(valueRange(-10, 10)).toEqual([-11, 11]);
    expect(valueRange(null, null)).toEqual([0, 1]);
    expect(valueRange(0, 0)).toEqual([0, 1]);
  });
});

describe('a list to pick from', () => {
  const option = (text: string) => ({ id: text, text, note: '', selected: false });
  const groups: PickGroup[] = [
    { title: 'shop', note: '', options: [option('process_cpu:cpu'), option('memory:alloc_space')] },
    { title: 'checkout', note: '', options: [option('process_cpu:cpu')] },
  ];

  it('is narrowed down by words of title and text in any order', () => {
    expect(filterGroups(groups, '')).toEqual(groups);
    expect(filterGroups(groups, 'CPU shop').map(({ title, options }) => [title, options.length])).toEqual([['shop', 1]]);
    expect(filterGroups(groups, 'process').map(({ title }) => title)).toEqual(['shop', 'checkout']);
    expect(filterGroups(groups, 'nothing')).toEqual([]);
  });
});

describe('the panes', () => {
  it('can be folded away, but not the last one', () => {
    expect(togglePane('both', 'table')).toBe('flame');
    expect(togglePane('both', 'flame')).toBe('table');
    expect(togglePane('flame', 'table')).toBe('both');
    expect(togglePane('table', 'table')).toBe('table');
  });
});
