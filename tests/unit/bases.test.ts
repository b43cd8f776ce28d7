import { describe, expect, it } from 'vitest';
import { comparison, valueComparison } from '../../www/app/state/bases.ts';
import { parseRange } from './ranges.ts';

const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;
const data = { from: 10n * DAY, until: 20n * DAY };

describe('what a selection is compared with', () => {
  it.each(['before', 'hour', 'day'] as const)('%s: both sides are as long, the base lies earlier, the head keeps its range', (kind) => {
    for (const range of [{ from: 15n * DAY, until: 15n * DAY + 3n * HOUR }, { from: 15n * DAY + 1n, until: null }, { from: null, until: null }, { from: null, until: 18n * DAY }]) {
      const { head, base } = parseRange(comparison(kind, range, data));
      expect(head.until - head.from).toBe(base.until - base.from);
      expect(base.from).toBeLessThan(head.from);
      expect(head.until).toBe(range.until ?? data.until);
      if (range.from !== null) {
        expect(head.from).toBe(range.from);
        expect(head.from - base.from).toBe(kind === 'before' ? head.until - head.from : kind === 'hour' ? HOUR : DAY);
      } else if (kind === 'before') expect(base.until).toBe(head.from);
      else expect(head.until - head.from).toBe(kind === 'hour' ? HOUR : DAY);
    }
  });

  it('all data is cut in halves that miss nothing', () => {
    const { head, base } = parseRange(comparison('before', { from: null, until: null }, { from: 10n * DAY, until: 10n * DAY + 3n }));
    expect([base.from <= 10n * DAY, base.until, head.until]).toEqual([true, head.from, 10n * DAY + 3n]);
  });
});

describe('the matchers of a comparison with a value of a label', () => {
  it.each([
    ['', '{region!="eu"}', '{region="eu"}'],
    ['{region="us"}', '{region="us"}', '{region="eu"}'],
    ['{pod="a", region!="eu"}', '{pod="a", region!="eu"}', '{pod="a", region="eu"}'],
    ['{pod=~"a|b"}', '{pod=~"a|b", region!="eu"}', '{pod=~"a|b", region="eu"}'],
  ])('%s', (match, head, base) => {
    expect(valueComparison(match, 'region', 'eu')).toEqual({ match: head, baseMatch: base });
  });
});
