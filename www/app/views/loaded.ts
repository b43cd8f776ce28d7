/** Elements whose code is loaded when they are shown first. */

const loading = new Set<string>();

/** Whether an element's code is there; if not, begins to load it, and calls `then` when it is, or `failed`. */
export function isLoaded(tag: string, load: () => Promise<unknown>, then: () => void, failed: (thrown: unknown) => void): boolean {
  if (customElements.get(tag) !== undefined) return true;
  if (loading.has(tag)) return false;
  loading.add(tag);
  load()
    .then(then, failed)
    .finally(() => loading.delete(tag));
  return false;
}
