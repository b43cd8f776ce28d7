import { expect, test } from 'vitest';

import { pathForLabels } from '../../../www/cli/labels-from-path.ts';

test('the path begins below the argument', () => {
  expect(pathForLabels({ path: 'corpus/series/checkout/eu/1.pb.gz', folder: 'corpus/series' }, 'corpus/series/checkout/eu/1.pb.gz')).toBe('checkout/eu/1.pb.gz');
  expect(pathForLabels({ path: '../series/checkout/1.pb.gz', folder: '../series/' }, '../series/checkout/1.pb.gz')).toBe('checkout/1.pb.gz');
  expect(pathForLabels({ path: 'corpus/series/1.pb.gz', folder: null }, 'corpus/series/1.pb.gz')).toBe('1.pb.gz');
});

test('members of an archive lie below it', () => {
  expect(pathForLabels({ path: 'in/day/a.zip', folder: 'in' }, 'in/day/a.zip/eu/1.pb.gz')).toBe('day/a.zip/eu/1.pb.gz');
  expect(pathForLabels({ path: 'in/a.zip', folder: null }, 'in/a.zip/eu/1.pb.gz')).toBe('a.zip/eu/1.pb.gz');
});
