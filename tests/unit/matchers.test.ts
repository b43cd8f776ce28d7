import { describe, expect, it } from 'vitest';
import { addMatcher, innerMatchers, quote, serviceMatchers } from '../../www/app/state/matchers.ts';

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
