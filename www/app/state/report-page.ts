/** The page of reports, which is an asset of the site, with a profile in it. */

import { EngineError } from '../../engine/errors.ts';
import { assembleReport } from '../../report/assemble.ts';
import pageUrl from '../../report/dist/report.html?url';

/** The file to save; the page comes from the site itself. Throws an `EngineError` where it does not come. */
export async function reportPage(payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  let page: Response;
  try {
    page = await fetch(pageUrl);
  } catch {
    throw new EngineError('no-report-page', 'The page of reports could not be read from the site.');
  }
  if (!page.ok) throw new EngineError('no-report-page', `The site has no page for reports (status ${page.status}).`);
  return assembleReport(await page.text(), payload);
}
