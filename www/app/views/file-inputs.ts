/** The two file inputs of a place, as buttons: files first, then a folder. Real inputs, so that every platform and tool can use them. */

import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { filesOfList } from '../../engine/import-files.ts';
import type { Session } from '../state/session.ts';
import { file, folder } from './icons.ts';

/** A label with an input each for files and for a folder; `after` runs when something was chosen. */
export function fileInputs(
  session: Session,
  { words, classes, after = () => undefined }: { words: [string, string]; classes: [string, string]; after?: () => void },
): TemplateResult {
  const take = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const files = filesOfList(input.files ?? []);
    input.value = '';
    after();
    session.imports.start(await files);
  };
  return html`
    <label class="button ${classes[0]}">${file}<span>${words[0]}</span><input type="file" multiple @change=${take} /></label>
    <label class="button ${classes[1]}"
      >${folder}<span>${words[1]}</span><input type="file" multiple webkitdirectory @change=${take}
    /></label>
  `;
}
