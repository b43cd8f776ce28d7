import { describe, expect, test } from 'vitest';

import { assembleReport } from '../../www/report/assemble.ts';

const PAGE = '<html>ü<script type="application/json" id="emberglass-profile"></script><script>1</script></html>';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('assembleReport', () => {
  test('puts the profile into its element, whatever it holds', () => {
    const file = new TextDecoder().decode(assembleReport(PAGE, bytes('{"a":"$& ü"}')));
    expect(file).toBe(PAGE.replace('></script><script>1', () => '>{"a":"$& ü"}</script><script>1'));
  });

  test('refuses a page without a place, and a profile that would leave it', () => {
    expect(() => assembleReport('<html>', bytes('{}'))).toThrow(/no place/);
    expect(() => assembleReport(PAGE, bytes('{"a":"</script>"}'))).toThrow(/no text for a page/);
  });
});
