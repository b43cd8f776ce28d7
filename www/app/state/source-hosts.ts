/** Addresses of source: of the person's own repository by a template, and of what the path itself tells. */

import { cleanPath } from './source-paths.ts';

/** Where a line can be read: `page` for people, `raw` the text alone, empty where there is no such address. */
export interface SourceAddress {
  /** What a person calls the place. */
  host: string;
  page: string;
  raw: string;
}

/** What a template may hold. */
export const PLACEHOLDERS = ['{path}', '{line}', '{revision}'] as const;

const HOSTS: readonly { host: RegExp; page: string; raw: string }[] = [
  { host: /^github\.com$/, page: '/blob/{revision}/{path}#L{line}', raw: '' },
  { host: /gitlab/, page: '/-/blob/{revision}/{path}#L{line}', raw: '/-/raw/{revision}/{path}' },
  { host: /^bitbucket\.org$/, page: '/src/{revision}/{path}#lines-{line}', raw: '/raw/{revision}/{path}' },
  { host: /^codeberg\.org$|gitea|forgejo/, page: '/src/commit/{revision}/{path}#L{line}', raw: '/raw/commit/{revision}/{path}' },
];

/** The template that a text means: itself, or that of a repository of a known host. Null where it has no `{path}`. */
export function templateOf(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed.includes('{path}')) return URL.parse(trimmed)?.protocol.startsWith('http') === true ? trimmed : null;
  const url = URL.parse(trimmed);
  if (url === null || !url.protocol.startsWith('http')) return null;
  const host = HOSTS.find((each) => each.host.test(url.host));
  const repository = url.pathname.replace(/\.git$|\/$/g, '');
  if (host === undefined || repository.split('/').length < 3) return null;
  return `${url.origin}${repository}${host.page}`;
}

/** The template of the text alone that belongs to one of a page; the same where the host is not known. */
function rawTemplate(page: string): string {
  const bare = page.replace(/[?#][^#]*\{line\}.*$/, '');
  const github = /^https:\/\/github\.com\/([^/]+\/[^/]+)\/blob\//;
  if (github.test(bare)) return bare.replace(github, 'https://raw.githubusercontent.com/$1/');
  const url = URL.parse(bare);
  const host = HOSTS.find((each) => each.raw !== '' && url !== null && each.host.test(url.host));
  if (host === undefined) return bare;
  const [before = '', after = ''] = [host.page, host.raw].map((each) => each.split('{revision}')[0]);
  return bare.replace(before, after);
}

const encode = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Fills a template in. A path that leads out of the repository has no address. */
export function addressBy(template: string, path: string, line: number, revision: string): SourceAddress | null {
  const inside = cleanPath(path).replace(/^\//, '');
  if (inside === '' || inside.split('/').includes('..')) return null;
  const fill = (text: string): string =>
    text.replaceAll('{path}', encode(inside)).replaceAll('{line}', String(Math.max(1, line))).replaceAll('{revision}', encode(revision === '' ? 'HEAD' : revision));
  const page = URL.parse(fill(template));
  const raw = URL.parse(fill(rawTemplate(template)));
  if (page === null || !/^https?:$/.test(page.protocol)) return null;
  return { host: page.host, page: page.href, raw: raw?.href ?? '' };
}

/** Where a path alone says it: modules of Go at GitHub, crates of Rust, its standard library, scripts of pages. */
const KNOWN: readonly { path: RegExp; page: (parts: string[], line: number) => string; raw: (parts: string[]) => string }[] = [
  {
    path: /(?:^|\/)github\.com\/([^/@]+)\/([^/@]+)@(v[\w.-]+)(?:\+incompatible)?\/(.+)$/,
    page: ([owner, name, version, path], line) => `https://github.com/${owner}/${name}/blob/${version}/${encode(path ?? '')}#L${line}`,
    raw: ([owner, name, version, path]) => `https://raw.githubusercontent.com/${owner}/${name}/${version}/${encode(path ?? '')}`,
  },
  {
    path: /(?:^|\/)rustc\/([0-9a-f]{40})\/(.+)$/,
    page: ([revision, path], line) => `https://github.com/rust-lang/rust/blob/${revision}/${encode(path ?? '')}#L${line}`,
    raw: ([revision, path]) => `https://raw.githubusercontent.com/rust-lang/rust/${revision}/${encode(path ?? '')}`,
  },
  {
    path: /(?:^|\/)registry\/src\/[^/]+\/([\w-]+?)-(\d+\.\d+\.\d+[\w.+-]*)\/(.+)$/,
    page: ([name, version, path], line) => `https://docs.rs/crate/${name}/${version}/source/${encode(path ?? '')}#${line}`,
    raw: () => '',
  },
];

/** The address that a path of a profile tells by itself; null for most. */
export function addressOf(file: string, line: number): SourceAddress | null {
  const script = /^https?:\/\//.test(file) ? URL.parse(file) : null;
  if (script !== null) return { host: script.host, page: script.href, raw: script.href };
  const path = cleanPath(file);
  for (const known of KNOWN) {
    const parts = known.path.exec(path)?.slice(1);
    const page = parts === undefined ? null : URL.parse(known.page(parts, Math.max(1, line)));
    if (parts !== undefined && page !== null) return { host: page.host, page: page.href, raw: known.raw(parts) };
  }
  return null;
}
