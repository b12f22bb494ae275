// The key of each person on this phone. It can be used while they are signed in, never read, and lies here otherwise
// only wrapped: what opens it is a secret of theirs that the server gives after sign-in and that is kept nowhere here.
import { fromBase64 } from "./bytes.js";
import { PEOPLE, within } from "./db.js";
import { close, FORMATS, isKnown, keysFrom, open } from "./storage_formats.js";

const ARRIVES_MS = 2000;
const KEY_BYTES = 32;
const known = new Map();
const awaited = new Map();

export const personRow = (person) => within(PEOPLE, "readonly", (store) => store.get(person));
export const everybody = () => within(PEOPLE, "readonly", (store) => store.getAll());

// The key of version 1 lies by itself, as it always has: a page from before there were versions knows no other.
const keysIn = (row) => row?.live && { ...row.keys, 1: row.live };

/** Has this person, signed in, a key of every version that this page knows? */
export const hasAllKeys = (row) => Boolean(row?.live) && [...FORMATS.keys()].every((version) => keysIn(row)[version]);

/** The keys of somebody who is signed in here, by version; on the first page of a phone they are waited for a moment. */
export async function keysOf(person) {
  if (!person) throw new Error("nobody is signed in");
  if (!known.has(person)) {
    const keys = keysIn(await personRow(person));
    if (keys) known.set(person, keys);
  }
  return known.get(person) || arrival(person);
}

function arrival(person) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("locked")), ARRIVES_MS));
  const comes = new Promise((resolve) => awaited.set(person, [...(awaited.get(person) || []), resolve]));
  return Promise.race([comes, late]);
}

/** After sign-in: open this person's key, or make their first. secrets: base64, the newest first. Throws, and changes
 * nothing, when a newer version of this page closed it. */
export async function unlock(person, secrets) {
  const seen = (await personRow(person)) || { person };
  const raw =
    (await unwrapped(seen, secrets)) || (seen.live ? null : crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  const next = { ...seen };
  if (raw) {
    next.wrapped = await wrapped(raw, secrets[0]);
    const { 1: live, ...keys } = await keysFrom(raw);
    Object.assign(next, { live, keys });
  }
  // Two tabs make the first key at once: the second takes that of the first.
  if (!(await putIfStill(seen, next))) return unlock(person, secrets);
  known.set(person, keysIn(next));
  for (const resolve of awaited.get(person) || []) resolve(keysIn(next));
  awaited.delete(person);
  return keysIn(next);
}

async function putIfStill(seen, next) {
  const found = await within(PEOPLE, "readwrite", (store) => {
    const before = store.get(seen.person);
    before.onsuccess = () => same(before.result, seen) && store.put({ ...before.result, ...next });
    return before;
  });
  return same(found, seen);
}

const same = (row, seen) => String(row?.wrapped?.data || "") === String(seen.wrapped?.data || "");

/** These people are signed out here: their things stay, and nobody can open them. How many there were. */
export async function lock(isLeaving) {
  const leaving = (await everybody()).filter((row) => row.live && isLeaving(row.person));
  for (const { person } of leaving) {
    await changePerson(person, { live: null, keys: null, asked_at: 0 });
    known.delete(person);
  }
  return leaving.length;
}

/** Change what stands beside a person's key. */
export function changePerson(person, changes) {
  return within(PEOPLE, "readwrite", (store) => {
    const found = store.get(person);
    found.onsuccess = () => store.put({ ...found.result, person, ...changes });
  });
}

const wrapped = async (raw, secret) => close(await keysFrom(fromBase64(secret)), raw);

async function unwrapped({ wrapped: found, live }, secrets) {
  for (const secret of found ? secrets : []) {
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
function newer(live) {
  if (live) return null;
  throw new Error("closed by a newer version of this page");
}
