import { expect, test } from 'vitest';

import { table } from '../../../www/cli/table.ts';

test('columns line up, and lines end with their last word', () => {
  const text = table(
    [
      { title: 'self', align: 'right' },
      { title: 'function', align: 'left' },
      { title: 'file', align: 'left' },
    ],
    [
      ['1.20 s', 'main', 'main.go:3'],
      ['900 ms', 'a.longer.name', ''],
    ],
    '  ',
  );
  expect(text).toBe(
    ['    self  function       file', '  1.20 s  main           main.go:3', '  900 ms  a.longer.name', ''].join('\n'),
  );
});
