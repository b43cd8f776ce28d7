/** Reads what is at an address, as far as the policy of the page lets it. */

import { EngineError } from '../../engine/errors.ts';

/** What is at an address. Errors say whether it is no address, the policy of this page, the other host, or its answer. */
export async function fetchFrom(address: string, base = document.baseURI, signal?: AbortSignal): Promise<{ url: URL; blob: Blob }> {
  const url = URL.parse(address, base);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new EngineError('url-unusable', `${address} is not an http address`);
  let isForbidden = false;
  const forbid = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): void => {
    if (effectiveDirective === 'connect-src' && (blockedURI === url.href || url.href.startsWith(blockedURI))) isForbidden = true;
  };
  document.addEventListener('securitypolicyviolation', forbid);
  try {
    const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', ...(signal === undefined ? {} : { signal }) });
    if (!response.ok) throw new EngineError('url-status', `${url.host} answers ${response.status} ${response.statusText}`.trimEnd());
    return { url, blob: await response.blob() };
  } catch (thrown) {
    if (thrown instanceof EngineError || signal?.aborted === true) throw thrown;
    // The event comes in a task of its own.
    await new Promise((done) => setTimeout(done));
    if (isForbidden) throw new EngineError('url-policy', `the policy of this page forbids it to read from ${url.host}`);
    throw new EngineError('url-unreachable', `${url.host} does not answer, or does not allow pages of other sites to read from it (CORS)`);
  } finally {
    document.removeEventListener('securitypolicyviolation', forbid);
  }
}
