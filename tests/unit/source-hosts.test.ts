import { describe, expect, it } from 'vitest';
import { addressBy, addressOf, templateOf } from '../../www/app/state/source-hosts.ts';

describe('a template', () => {
  it.each([
    ['https://github.com/acme/shop', 'https://github.com/acme/shop/blob/{revision}/{path}#L{line}'],
    ['https://github.com/acme/shop.git', 'https://github.com/acme/shop/blob/{revision}/{path}#L{line}'],
    [' https://gitlab.example/group/sub/shop/ ', 'https://gitlab.example/group/sub/shop/-/blob/{revision}/{path}#L{line}'],
    ['https://bitbucket.org/acme/shop', 'https://bitbucket.org/acme/shop/src/{revision}/{path}#lines-{line}'],
    ['https://git.example/view?f={path}&l={line}', 'https://git.example/view?f={path}&l={line}'],
    ['https://github.com/acme', null],
    ['https://unknown.example/acme/shop', null],
    ['javascript:alert({path})', null],
    ['nonsense', null],
  ])('of %s is %s', (text, template) => {
    expect(templateOf(text)).toBe(template);
  });

  it.each([
    ['https://github.com/acme/shop', 'https://github.com/acme/shop/blob/v1/src/a%20b.go#L7', 'https://raw.githubusercontent.com/acme/shop/v1/src/a%20b.go'],
    ['https://gitlab.com/acme/shop', 'https://gitlab.com/acme/shop/-/blob/v1/src/a%20b.go#L7', 'https://gitlab.com/acme/shop/-/raw/v1/src/a%20b.go'],
    ['https://bitbucket.org/acme/shop', 'https://bitbucket.org/acme/shop/src/v1/src/a%20b.go#lines-7', 'https://bitbucket.org/acme/shop/raw/v1/src/a%20b.go'],
    ['https://codeberg.org/acme/shop', 'https://codeberg.org/acme/shop/src/commit/v1/src/a%20b.go#L7', 'https://codeberg.org/acme/shop/raw/commit/v1/src/a%20b.go'],
    ['https://git.example/{revision}/{path}?line={line}', 'https://git.example/v1/src/a%20b.go?line=7', 'https://git.example/v1/src/a%20b.go'],
  ])('%s gives a page and its text', (text, page, raw) => {
    expect(addressBy(templateOf(text) ?? '', '/src/a b.go', 7, 'v1')).toMatchObject({ page, raw });
  });

  it('leads nowhere out of the repository, and has the newest without a revision', () => {
    const template = templateOf('https://github.com/acme/shop') ?? '';
    expect(addressBy(template, '../../other/repo/a.go', 1, '')).toBeNull();
    expect(addressBy(template, 'src/a.go', 0, '')?.page).toBe('https://github.com/acme/shop/blob/HEAD/src/a.go#L1');
    expect(addressBy('javascript:{path}', 'a.go', 1, '')).toBeNull();
  });
});

describe('a path that tells its address', () => {
  it.each([
    ['/root/go/pkg/mod/github.com/grafana/pyroscope-go@v1.2.0/api.go', 'https://github.com/grafana/pyroscope-go/blob/v1.2.0/api.go#L9'],
    ['/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/io.rs', 'https://github.com/rust-lang/rust/blob/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/io.rs#L9'],
    ['/home/x/.cargo/registry/src/index.crates.io-6f17d22bba15001f/hash-brown-0.16.1/src/map.rs', 'https://docs.rs/crate/hash-brown/0.16.1/source/src/map.rs#9'],
    ['https://shop.example/app.js', 'https://shop.example/app.js'],
  ])('%s', (file, page) => {
    expect(addressOf(file, 9)?.page).toBe(page);
  });

  it('most do not', () => {
    expect(addressOf('/home/ci/build/app/main.go', 9)).toBeNull();
    expect(addressOf('', 9)).toBeNull();
  });
});
