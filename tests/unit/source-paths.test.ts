import { describe, expect, it } from 'vitest';
import { PathIndex, cleanPath, ruleOf, ruled } from '../../www/app/state/source-paths.ts';

describe('a path of a profile', () => {
  it.each([
    ['/home/ci/build/app/main.go', '/home/ci/build/app/main.go'],
    ['file:///srv/demo%20dev/js/app.js', '/srv/demo dev/js/app.js'],
    ['webpack://shop/./src/cart.js?a1b2', 'shop/src/cart.js'],
    ['https://shop.example/assets/app.js?v=3#x', 'shop.example/assets/app.js'],
    ['C:\\work\\shop\\main.cpp', 'C:/work/shop/main.cpp'],
    ['./stdio-common/./../stdlib//a.c', 'stdlib/a.c'],
    ['../lib/a.c', '../lib/a.c'],
    ['/../a.c', '/../a.c'],
    ['file:///100%.go', '/100%.go'],
    ['node:internal/crypto/hash', 'node:internal/crypto/hash'],
  ])('%s is %s', (file, path) => {
    expect(cleanPath(file)).toBe(path);
  });
});

describe('rules', () => {
  const rules = [
    { from: '/home/ci/build', to: 'app' },
    { from: '/home/ci/build/vendor/', to: 'third-party/' },
    { from: 'main.go', to: 'cmd/main.go' },
  ];

  it.each([
    ['/home/ci/build/a/b.go', 'app/a/b.go'],
    ['/home/ci/build/vendor/x.go', 'third-party/x.go'],
    ['/home/ci/builder/a.go', null],
    ['main.go', 'cmd/main.go'],
    ['other/main.go', null],
  ])('the longest begin that ends where a part does decides: %s', (path, target) => {
    expect(ruled(path, rules)).toBe(target);
  });

  it('an empty begin is that of every path, an empty end cuts off', () => {
    expect(ruled('a/b.go', [{ from: '', to: 'x' }])).toBe('x/a/b.go');
    expect(ruled('/build/a/b.go', [{ from: '/build', to: '' }])).toBe('a/b.go');
  });

  it.each([
    ['/home/ci/build/app/main.go', 'app/main.go', { from: '/home/ci/build/', to: '' }],
    ['/home/ci/src/cart.js', 'shop/web/src/cart.js', { from: '/home/ci/', to: 'shop/web/' }],
    // The name alone says nothing of its neighbours.
    ['/home/ci/main.go', 'cmd/a/main.go', { from: '/home/ci/main.go', to: 'cmd/a/main.go' }],
    ['src/main.go', 'b/src/main.go', { from: 'src/main.go', to: 'b/src/main.go' }],
    ['/go/pkg/mod/github.com/x/y@v1.2.3/z/a.go', 'app/vendor/github.com/x/y/z/a.go', { from: '/go/pkg/mod/', to: 'app/vendor/' }],
  ])('a choice for %s is a rule for its neighbours', (path, target, rule) => {
    expect(ruleOf(path, target)).toEqual(rule);
  });

  it('made of a choice leads to what was chosen', () => {
    for (const [path, target] of [['/a/b/c.go', 'x/b/c.go'], ['c.go', 'x/c.go'], ['/b/c.go', 'b/c.go'], ['b/c.go', 'a/b/c.go']] as const) {
      expect(ruled(path, [ruleOf(path, target)])).toBe(target);
    }
  });
});

describe('files at hand', () => {
  const index = new PathIndex(['app/main.go', 'app/cart/price.go', 'app/tax/price.go', 'app/vendor/github.com/x/y/z.go', 'lib/cart/price.go', 'lib/deep/cart/other.go']);

  it('are found by the longest end', () => {
    expect(index.find('/home/ci/build/app/main.go', [])).toEqual({ kind: 'one', path: 'app/main.go', parts: 2, isRuled: false });
    expect(index.find('/build/tax/price.go', [])).toMatchObject({ path: 'app/tax/price.go', parts: 2 });
    expect(index.find('github.com/x/y@v1.2.3/z.go', [])).toMatchObject({ path: 'app/vendor/github.com/x/y/z.go', parts: 4 });
    expect(index.find('file:///elsewhere/main.go', [])).toMatchObject({ path: 'app/main.go', parts: 1 });
  });

  it('that are as good are all named', () => {
    expect(index.find('/build/cart/price.go', [])).toEqual({ kind: 'several', paths: ['app/cart/price.go', 'lib/cart/price.go'] });
    expect(index.find('price.go', [])).toMatchObject({ kind: 'several' });
    expect(index.find('/build/none.go', [])).toEqual({ kind: 'none' });
  });

  it('are found by a rule first, and by the end of what it gives', () => {
    const rules = [{ from: '/build/', to: 'lib/' }];
    expect(index.find('/build/cart/price.go', rules)).toEqual({ kind: 'one', path: 'lib/cart/price.go', parts: 2, isRuled: true });
    expect(index.find('/build/cart/other.go', rules)).toMatchObject({ path: 'lib/deep/cart/other.go', isRuled: false });
  });

  it('of a large folder are found at once', () => {
    const many = new PathIndex(Array.from({ length: 100_000 }, (_, at) => `root/d${at % 317}/f${at}.go`));
    expect(many.find('/x/d0/f317.go', [])).toMatchObject({ kind: 'one', path: 'root/d0/f317.go' });
  });
});
