// The key of each person on this phone. It can be used while they are signed in, never read, and lies here otherwise
// only wrapped: what opens it is a secret of theirs that the server gives after sign-in and that is kept nowhere here.
import { fromBase64 } from "./bytes.js";
import { PEOPLE, within } from "./db.js";

const ARRIVES_MS = 2000;
const KEY_BYTES = 32;
const known = new Map();
const awaited = new Map();

export const personRow = (person) => within(PEOPLE, "readonly", (store) => store.get(person));
export const everybody = () => within(PEOPLE, "readonly", (store) => store.getAll());

/** The key of somebody who is signed in here; on the first page of a phone it is waited for a moment. */
export async function keyOf(person) {
  if (!person) throw new Error("nobody is signed in");
  if (!known.has(person)) {
    const row = await personRow(person);
    if (row?.live) known.set(person, row.live);
  }
  return known.get(person) || arrival(person);
}

function arrival(person) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("locked")), ARRIVES_MS));
  const comes = new Promise((resolve) => awaited.set(person, [...(awaited.get(person) || []), resolve]));
  return Promise.race([comes, late]);
}

/** After sign-in: open this person's key, or make their first. secrets: base64, the newest first. */
export async function unlock(person, secrets) {
  const seen = (await personRow(person)) || { person };
  const raw = (await unwrapped(seen.wrapped, secrets)) || (seen.live ? null : crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  const next = { ...seen };
  if (raw) {
    next.wrapped = await wrapped(raw, secrets[0]);
    next.live = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  }
  // Two tabs make the first key at once: the second takes that of the first.
  if (!(await putIfStill(seen, next))) return unlock(person, secrets);
  known.set(person, next.live);
  for (const resolve of awaited.get(person) || []) resolve(next.live);
  awaited.delete(person);
  return next.live;
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
    await changePerson(person, { live: null, asked_at: 0 });
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

const importSecret = (secret, use) => crypto.subtle.importKey("raw", fromBase64(secret), "AES-GCM", false, [use]);

async function wrapped(raw, secret) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await importSecret(secret, "encrypt"), raw);
  return { iv, data: new Uint8Array(data) };
}

async function unwrapped(found, secrets) {
  for (const secret of found ? secrets : []) {
    try {
      const key = await importSecret(secret, "decrypt");
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv }, key, found.data));
    } catch {
      // Wrapped by another secret.
    }
  }
  return null;
}
