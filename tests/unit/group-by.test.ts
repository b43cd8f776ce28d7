import { describe, expect, it } from 'vitest';
import { addGroup, firstGroup, groupChoices, groupNames, groupText, groupWords, labelsOfGroup, leadingParts } from '../../www/app/state/group-by.ts';

function label(name: string, ...values: string[]): { name: string; values: { value: string; profiles: number }[] } {
  return { name, values: values.map((value) => ({ value, profiles: 1 })) };
}

describe('labels to group by', () => {
  it('are names between commas, quoted where they must be', () => {
    expect(groupNames('region, path/2 ,"a, \\"b"')).toEqual(['region', 'path/2', '"a, \\"b"']);
    expect(groupNames('')).toEqual([]);
    for (const names of [['region'], ['region', 'path/2', '"a,b"']]) expect(groupNames(groupText(names))).toEqual(names);
  });

  it.each([
    ['shop/cart/add', 2, 'shop/cart'],
    ['/pay/now', 1, '/pay'],
    ['java.util.List', 3, 'java.util.List'],
    ['java.util.List', 1, 'java'],
    ['', 1, ''],
  ])('the first parts of %s, %i', (value, parts, expected) => {
    expect(leadingParts(value, parts)).toBe(expected);
  });

  it('parts are on offer as far as they make a difference, with the values that they leave', () => {
    expect(groupChoices([label('region', 'eu', 'us'), label('path', '/a/b', '/a/c', '/d'), label('a b', 'x/y')])).toEqual([
      { by: 'region', values: 2, parts: null },
      { by: 'path', values: 3, parts: null },
      { by: 'path/1', values: 2, parts: 1 },
      { by: '"a b"', values: 1, parts: null },
    ]);
  });

  it('the first one tells profiles apart', () => {
    const many = Array.from({ length: 30 }, (_, row) => String(row));
    expect(firstGroup([label('one', 'x'), label('many', ...many), label('region', 'eu', 'us')])).toBe('region');
    expect(firstGroup([label('one', 'x')])).toBe('one');
    expect(firstGroup([])).toBe('');
  });

  it('a group has all labels in the order that was asked for', () => {
    const labels = labelsOfGroup([['path', '/a'], ['region', 'eu']], '"a b/2", region, path/1');
    expect(labels).toEqual([
      { name: 'a b/2', parts: null, value: '' },
      { name: 'region', parts: null, value: 'eu' },
      { name: 'path', parts: 1, value: '/a' },
    ]);
    expect(labels.map(groupWords)).toEqual(['a b/2 = (none)', 'region = eu', 'path/1 = /a']);
  });
});

describe('the matchers of a group', () => {
  it.each([
    ['{a="b"}', 'region', 'eu', false, '{a="b", region="eu"}'],
    ['', 'region', 'eu', true, '{region!="eu"}'],
    ['', 'path/2', 'x.y/z', false, '{path=~"x\\\\.y/z([/.].*)?"}'],
    ['', 'path/2', 'x', true, '{path!~"x([/.].*)?"}'],
    ['', 'path/2', '', false, '{path=""}'],
  ])('%s with %s of %s, negated %s', (match, by, value, negated, expected) => {
    expect(addGroup(match, labelsOfGroup([[by.replace('/2', ''), value]], by), negated)).toBe(expected);
  });
});
