/** A small database of the page's own, of one object store, for what is not profiles. */

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser refused a database'));
  });
}

/** One database: opened for each request, so that it never stands in the way of another tab. */
export class SmallDatabase {
  readonly #name: string;
  readonly #store: string;
  readonly #options: IDBObjectStoreParameters;

  constructor(name: string, store: string, options: IDBObjectStoreParameters = {}) {
    this.#name = name;
    this.#store = store;
    this.#options = options;
  }

  /** Carries out one request; rejects where the browser keeps nothing. */
  async run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const opening = indexedDB.open(this.#name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(this.#store, this.#options);
    const database = await done(opening);
    try {
      return await done(work(database.transaction(this.#store, mode).objectStore(this.#store)));
    } finally {
      database.close();
    }
  }
}
