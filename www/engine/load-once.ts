/** Gives what `load` gives, loaded once; what could not be loaded is tried again by the next who asks. */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (thrown) {
      loading = null;
      throw thrown;
    }
  };
}
