// What this phone keeps: logs the clinic has not confirmed, logs it has (for 14 days), and the facts to judge by. One
// small IndexedDB.
const NAME = "kypho";
const LOGS = "logs";
const FACTS = "facts";
const SENT = "sent";
const SLOW_MS = 2000;
let opening = null;

function open() {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore(LOGS, { keyPath: "id" });
        request.result.createObjectStore(FACTS);
      }
      request.result.createObjectStore(SENT, { keyPath: "id" });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      // Another tab signs out and wipes: let go at once.
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

function forget(error) {
  opening = null;
  return error;
}

// A store that never answers (some private windows) counts as none.
function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("storage is too slow")), SLOW_MS));
  return Promise.race([promise, late]);
}

// One transaction; `work` gets the store and returns the request whose result is wanted.
async function within(name, mode, work) {
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

const rows = (name) => ({
  put: (entry) => within(name, "readwrite", (store) => store.put(entry)),
  remove: (id) => within(name, "readwrite", (store) => store.delete(id)),
  all: () => within(name, "readonly", (store) => store.getAll()),
  // A row that is gone meanwhile stays gone.
  change: (id, changes) =>
    within(name, "readwrite", (store) => {
      const found = store.get(id);
      found.onsuccess = () => found.result && store.put({ ...found.result, ...changes });
    }),
});

export const logs = rows(LOGS);
export const sent = rows(SENT);

export const facts = {
  get: () => within(FACTS, "readonly", (store) => store.get(FACTS)),
  set: (value) => within(FACTS, "readwrite", (store) => store.put(value, FACTS)),
  remove: () => within(FACTS, "readwrite", (store) => store.delete(FACTS)),
};

/** Nothing of anybody stays: logs, facts, kept pages. */
export async function wipe() {
  if (opening) (await opening.catch(() => null))?.close();
  opening = null;
  const gone = new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
  const pages = globalThis.caches ? caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name)))) : null;
  await Promise.allSettled([gone, pages]);
}
