/** How the person gives source: a folder (by the picker, where the browser has one), or files. */

import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { filesOfDrop, filesOfList, importFile } from '../../engine/import-files.ts';
import type { Session } from '../state/session.ts';
import { sourceState } from '../state/source-state.ts';
import { directoryPicker } from './directory-picker.ts';
import { file, folder } from './icons.ts';

/** Asks for a folder, which is remembered. */
async function pickFolder(session: Session): Promise<void> {
  const pick = directoryPicker();
  if (pick === null) return;
  try {
    await sourceState(session).places.addFolder(await pick({ mode: 'read', id: 'emberglass-source' }));
  } catch (thrown) {
    if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) session.notices.report(thrown);
  }
}

/** A button for a folder and one for files. */
export function sourceInputs(session: Session): TemplateResult {
  const take = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const files = filesOfList(input.files ?? []);
    input.value = '';
    sourceState(session).places.addFiles(await files);
  };
  return html`${directoryPicker() === null
      ? html`<label class="button">${folder}<span>Choose a folder</span><input type="file" multiple webkitdirectory @change=${take} /></label>`
      : html`<button @click=${() => pickFolder(session)}>${folder}<span>Choose a folder</span></button>`}
    <label class="button">${file}<span>Choose files</span><input type="file" multiple @change=${take} /></label>`;
}

/** A dropped item as a handle, in browsers that have it; it has to be asked for within the event. */
type Item = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** Takes dropped folders and files as source. Folders are remembered where the browser gives handles. */
export async function takeDropped(session: Session, transfer: DataTransfer): Promise<void> {
  const { places } = sourceState(session);
  const items: Item[] = [...transfer.items].filter(({ kind }) => kind === 'file');
  if (items.some((item) => item.getAsFileSystemHandle === undefined)) {
    places.addFiles(await filesOfDrop(transfer, (path, error) => session.notices.report(new Error(`${path}: ${String(error)}`))));
    return;
  }
  const handles = await Promise.all(items.map(async (item) => (await item.getAsFileSystemHandle?.()) ?? null));
  const files = handles.filter((handle) => handle instanceof FileSystemFileHandle);
  places.addFiles(await Promise.all(files.map(async (handle) => importFile(await handle.getFile()))));
  for (const handle of handles) {
    if (handle instanceof FileSystemDirectoryHandle) await places.addFolder(handle);
  }
}
