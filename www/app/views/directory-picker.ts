/** `showDirectoryPicker`, where the browser has it. */

/** Asks the person for a folder; rejects with an `AbortError` if none was chosen. The browser remembers the last one by `id`. */
type PickDirectory = (options: { mode: 'read' | 'readwrite'; id: string }) => Promise<FileSystemDirectoryHandle>;

/** The picker; null in browsers without one. */
export function directoryPicker(): PickDirectory | null {
  return (window as { showDirectoryPicker?: PickDirectory }).showDirectoryPicker ?? null;
}
