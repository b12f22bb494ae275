// The key of each person on this phone. It can be used while they are signed in, never read, and lies here otherwise
// only wrapped: what opens it is a secret of theirs that the server gives after sign-in and that is kept nowhere here.
import { fromBase64 } from "./bytes.js";
import { PEOPLE, within } from "./db.js";
import { close, FORMATS, isKnown, keysFrom, open } from "./storage_formats.js";

const ARRIVES_MS = 2000;
const KEY_BYTES = 32;
/** @type {Map<string, Keys>} */
const known = new Map();
/** @type {Map<string, ((keys: Keys) => void)[]>} */
const awaited = new Map();

/** @type {(person: string) => Promise<PersonRow | undefined>} */
export const personRow = (person) => within(PEOPLE, "readonly", (store) => store.get(person));
/** @type {() => Promise<PersonRow[]>} */
export const everybody = () => within(PEOPLE, "readonly", (store) => store.getAll());

// The key of version 1 lies by itself, as it always has: a page from before there were versions knows no other.
/** @type {(row?: PersonRow) => Keys | undefined} */
const keysIn = (row) => (row?.live ? { ...row.keys, 1: row.live } : undefined);

/** Has this person, signed in, a key of every version that this page knows? @type {(row?: PersonRow) => boolean} */
export const hasAllKeys = (row) => [...FORMATS.keys()].every((version) => keysIn(row)?.[version]);

/**
 * The keys of somebody who is signed in here, by version; on the first page of a phone they are waited for a moment.
 * @type {(person: string) => Promise<Keys>}
 */
export async function keysOf(person) {
  if (!person) throw new Error("nobody is signed in");
  if (!known.has(person)) {
    const keys = keysIn(await personRow(person));
    if (keys) known.set(person, keys);
  }
  return known.get(person) || arrival(person);
}

/** @type {(person: string) => Promise<Keys>} */
function arrival(person) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("locked")), ARRIVES_MS));
  const comes = new Promise((resolve) => awaited.set(person, [...(awaited.get(person) || []), resolve]));
  return Promise.race([comes, late]);
}

/**
 * After sign-in: open this person's key, or make their first. secrets: base64, the newest first. Throws, and changes
 * nothing, when a newer version of this page closed it.
 * @type {(person: string, secrets: string[]) => Promise<Keys | undefined>}
 */
export async function unlock(person, secrets) {
  const seen = (await personRow(person)) || { person };
  const raw =
    (await unwrapped(seen, secrets)) || (seen.live ? null : crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  /** @type {PersonRow} */
  const next = { ...seen };
  if (raw) {
    next.wrapped = await wrapped(raw, secrets[0]);
    const { 1: live, ...others } = await keysFrom(raw);
    Object.assign(next, { live, keys: others });
  }
  // Two tabs make the first key at once: the second takes that of the first.
  if (!(await putIfStill(seen, next))) return unlock(person, secrets);
  const keys = /** @type {Keys} */ (keysIn(next));
  known.set(person, keys);
  for (const resolve of awaited.get(person) || []) resolve(keys);
  awaited.delete(person);
  return keys;
}

/** @type {(seen: PersonRow, next: PersonRow) => Promise<boolean>} */
async function putIfStill(seen, next) {
  const found = await within(PEOPLE, "readwrite", (store) => {
    const before = store.get(seen.person);
    before.onsuccess = () => same(before.result, seen) && store.put({ ...before.result, ...next });
    return before;
  });
  return same(found, seen);
}

/** @type {(row: PersonRow | undefined, seen: PersonRow) => boolean} */
const same = (row, seen) => String(row?.wrapped?.data || "") === String(seen.wrapped?.data || "");

/**
 * These people are signed out here: their things stay, and nobody can open them. How many there were.
 * @param {(person: string) => boolean} isLeaving
 */
export async function lock(isLeaving) {
  const leaving = (await everybody()).filter((row) => row.live && isLeaving(row.person));
  for (const { person } of leaving) {
    await changePerson(person, { live: null, keys: null, asked_at: 0 });
    known.delete(person);
  }
  return leaving.length;
}

/** Change what stands beside a person's key. @type {(person: string, changes: Partial<PersonRow>) => Promise<void>} */
export function changePerson(person, changes) {
  return within(PEOPLE, "readwrite", (store) => {
    const found = store.get(person);
    found.onsuccess = () => store.put({ ...found.result, person, ...changes });
  });
}

/** @type {(raw: Uint8Array<ArrayBuffer>, secret: string) => Promise<Closed>} */
const wrapped = async (raw, secret) => close(await keysFrom(fromBase64(secret)), raw);

/** @type {(row: PersonRow, secrets: string[]) => Promise<Uint8Array<ArrayBuffer> | null>} */
async function unwrapped({ wrapped: found, live }, secrets) {
  if (!found) return null;
  for (const secret of secrets) {
    const keys = await keysFrom(fromBase64(secret));
    if (!isKnown(found, keys)) return newer(live);
    try {
      return new Uint8Array(await open(keys, found));
    } catch {
      // Wrapped by another secret.
    }
  }
  return null;
}

// Never taken for a key that is lost: a new one in its place would lock its person out of everything here.
/** @param {unknown} live */
function newer(live) {
  if (live) return null;
  throw new Error("closed by a newer version of this page");
}
