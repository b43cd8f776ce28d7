import { describe, expect, it } from 'vitest';
import { filterText, laneFilter, typedFilter } from '../../www/app/state/filters.ts';

describe('the text of a filter', () => {
  it('is a verb, where it looks, and the whole name', () => {
    expect(filterText('focus', '', 'main.(*Server).handle')).toBe('focus:main.(*Server).handle');
    expect(filterText('hide', 'package', 'net/http')).toBe('hide@package:net/http');
  });

  it('has quotes where a name would be read otherwise', () => {
    expect(filterText('hide', '', '/lib/')).toBe('hide:"/lib/"');
    expect(filterText('hide', '', '"a"')).toBe('hide:""a""');
    expect(filterText('hide', '', '/lib')).toBe('hide:/lib');
    expect(filterText('hide', '', '/')).toBe('hide:/');
  });

  it('may be typed without a verb', () => {
    expect(typedFilter('  main.run ')).toBe('focus:main.run');
    expect(typedFilter('/^main/')).toBe('focus:/^main/');
    expect(typedFilter('hide@file:/a.go/')).toBe('hide@file:/a.go/');
    expect(typedFilter('preset:go-runtime')).toBe('preset:go-runtime');
    expect(typedFilter('std::vec::push')).toBe('focus:std::vec::push');
    expect(typedFilter(' ')).toBe('');
  });
});

describe('the filter of a lane', () => {
  it('is by its thread, whatever else its name has', () => {
    expect(laneFilter('thread=main', true)).toBe('tagfocus:thread="main"');
    expect(laneFilter('process_id=1, thread=GC Thread#0, thread_id=12', false)).toBe('tagignore:thread_id="12"');
    expect(laneFilter('profile=main', true)).toBe('tagfocus:profile="main"');
    expect(laneFilter('a=1, b=2', true)).toBeNull();
    expect(laneFilter('shop', true)).toBeNull();
    expect(laneFilter('thread=a"b', true)).toBeNull();
  });
});
