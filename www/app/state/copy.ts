/** Copies texts, and says so. */

import { EngineError } from '../../engine/errors.ts';
import type { NoticeBoard } from './notices.ts';

/** Puts a text on the clipboard; `what` is what a person calls it. */
export async function copyText(text: string, what: string, notices: NoticeBoard): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notices.confirm(`Copied ${what}.`);
  } catch (thrown) {
    notices.report(new EngineError('clipboard-refused', `The browser did not let the page copy: ${thrown instanceof Error ? thrown.message : String(thrown)}`));
  }
}
