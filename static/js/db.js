// The one small IndexedDB of this phone, and transactions in it. What lies in it, and who may read it: store.js.
const NAME = "kypho";
const VERSION = 3;
const SLOW_MS = 2000;
export const THINGS = "things";
export const PEOPLE = "people";
// Logs from before each person had a store of their own, until their person takes them (store.js, adopt).
export const OLD = "old";
/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) =>
      request.transaction && build(request.result, request.transaction, oldVersion);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      // Another tab brings a newer version: let go at once.
      database.onversionchange = () => {
        database.close();
        opening = null;
      };
      database.onclose = () => (opening = null);
      resolve(database);
    };
  });
  return inTime(opening.catch((error) => Promise.reject(forget(error))));
}

/** @type {(database: IDBDatabase, upgrade: IDBTransaction, oldVersion: number) => void} */
function build(database, upgrade, oldVersion) {
  database.createObjectStore(THINGS, { keyPath: ["person", "kind", "id"] });
  database.createObjectStore(PEOPLE, { keyPath: "person" });
  const old = database.createObjectStore(OLD, { keyPath: ["kind", "id"] });
  if (!oldVersion) return;
  database.deleteObjectStore("facts");
  for (const [name, kind] of [
    ["logs", "log"],
    ["sent", "sent"],
  ]) {
    if (!database.objectStoreNames.contains(name)) continue;
    const request = upgrade.objectStore(name).openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return database.deleteObjectStore(name);
      old.put({ kind, id: cursor.value.id, value: cursor.value });
      cursor.continue();
    };
  }
}

/** @param {unknown} error */
function forget(error) {
  opening = null;
  return error;
}

// A store that never answers (some private windows) counts as none.
/** @type {<T>(promise: Promise<T>) => Promise<T>} */
function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("storage is too slow")), SLOW_MS));
  return Promise.race([promise, late]);
}

/**
 * One transaction; `work` gets the object store and returns the request whose result is wanted.
 * @type {(name: string, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest | void) => Promise<any>}
 */
export async function within(name, mode, work) {
  const database = await open();
  return inTime(
    new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode);
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request ? request.result : undefined);
      transaction.onabort = transaction.onerror = () => reject(transaction.error || new Error("storage refused"));
    }),
  );
}
