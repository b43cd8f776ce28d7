/** Puts a profile into the page that shows it. */

/** Where the profile goes: an empty element of the page. */
const PLACE = '<script type="application/json" id="emberglass-profile">';

/**
 * The file: the page with the profile in it.
 *
 * @param page the built page (`www/report/dist/report.html`)
 * @param payload the profile as the engine writes it for `html`
 */
export function assembleReport(page: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = page.indexOf(`${PLACE}</script>`);
  if (at < 0) throw new Error('The page of the report has no place for a profile.');
  // What the engine writes holds none, so that the element ends where the page says.
  if (payload.includes('<'.charCodeAt(0))) throw new Error('The profile of the report is no text for a page.');
  const encoder = new TextEncoder();
  const parts = [encoder.encode(page.slice(0, at + PLACE.length)), payload, encoder.encode(page.slice(at + PLACE.length))];
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    file.set(part, end);
    end += part.length;
  }
  return file;
}
