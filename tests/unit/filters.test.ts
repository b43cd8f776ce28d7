import { describe, expect, it } from 'vitest';
import { filterText, typedFilter } from '../../www/app/state/filters.ts';

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
