/**
 * The one Trusted Types policy of the page. Under `require-trusted-types-for 'script'` the plain
 * `new Worker(new URL(..., import.meta.url))` that bundlers look for needs a `default` policy; this one lets
 * script URLs of the page's own origin pass and nothing else. Markup and script text always stay refused.
 */

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
  readonly defaultPolicy: unknown;
}

/** The URL if it has the page's origin; a TypeError otherwise. */
export function sameOriginScriptUrl(url: string, base: string): string {
  const resolved = new URL(url, base);
  if (resolved.origin !== new URL(base).origin) {
    throw new TypeError(`script URL of another origin refused: ${resolved.origin}`);
  }
  return resolved.href;
}

/** Installs the policy; call it before anything starts a worker. Does nothing where the platform has no Trusted Types. */
export function installTrustedTypes(scope: { trustedTypes?: PolicyFactory; location: { href: string } } = globalThis): void {
  const factory = scope.trustedTypes;
  if (factory === undefined || factory.defaultPolicy != null) return;
  factory.createPolicy('default', { createScriptURL: (url) => sameOriginScriptUrl(url, scope.location.href) });
}
