/** The policy that the site is built for. A worker obeys the policy of its own response: send it with every file. */

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "font-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types default lit-html',
].join('; ');
