import { describe, expect, it } from 'vitest';
import { addMatcher, anyOf, innerMatchers, matchText, matchersOf, quote, serviceMatchers, valuesOf } from '../../www/app/state/matchers.ts';

describe('matchers as text', () => {
  it('quotes what would end the string', () => {
    expect(quote('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
  });

  it('takes braces and a last comma away', () => {
    expect(innerMatchers(' { a="b", } ')).toBe('a="b"');
    expect(innerMatchers('a="b"')).toBe('a="b"');
    expect(innerMatchers('{}')).toBe('');
  });

  it('adds the service and further matchers', () => {
    expect(serviceMatchers('shop', '')).toBe('{service_name="shop"}');
    expect(serviceMatchers('a"b', '{region="eu"}')).toBe('{service_name="a\\"b", region="eu"}');
    expect(addMatcher('', 'region', 'eu')).toBe('{region="eu"}');
    expect(addMatcher('{region="eu"}', 'thread.name', 'main')).toBe('{region="eu", "thread.name"="main"}');
  });
});

describe('matchers of a text', () => {
  it('are read and written alike', () => {
    const all = [
      { name: 'region', operator: '=', value: 'eu' },
      { name: 'pod name', operator: '!=', value: 'a "b" \\ c\n' },
      { name: 'path', operator: '=~', value: '/x/.*,{}' },
      { name: 'zone', operator: '!~', value: '' },
    ] as const;
    expect(matchersOf(matchText(all))).toEqual(all);
    expect(matchText([])).toBe('');
    expect(matchersOf('')).toEqual([]);
    expect(matchersOf(' region = "eu" , ')).toEqual([{ name: 'region', operator: '=', value: 'eu' }]);
  });

  it('are none where the text is not made of them', () => {
    for (const text of ['region', 'region="eu" zone="x"', 'region=eu', '{region="eu"', 'region==“eu”']) expect(matchersOf(text)).toBeNull();
  });
});

describe('several values of a matcher', () => {
  it.each([
    ['{region="eu"}', ['eu'], false],
    ['{region!="eu"}', ['eu'], true],
    ['{region=~"eu|us"}', ['eu', 'us'], false],
    ['{region!~"eu|us|"}', ['eu', 'us', ''], true],
    [String.raw`{region=~"a\\.b|c\\|d\\\\"}`, ['a.b', 'c|d\\'], false],
  ])('%s', (text, values, negated) => {
    const matcher = anyOf('region', values, negated);
    expect(matchText([matcher])).toBe(text);
    expect(valuesOf(matcher)).toEqual(values);
  });

  it('an expression that says more is no list of values', () => {
    for (const value of ['e.*', '(eu|us)', 'eu$', '[ab]', String.raw`\d`, 'a+|b']) expect(valuesOf({ name: 'region', operator: '=~', value })).toBeNull();
  });
});
