// What this phone keeps, each person's apart. Everybody's things lie here encrypted; they open only while their person
// is signed in. In the clear stands nothing but what a person without a sign-in has to know of a log that waits.
//
//   put("draft", "today", { note: "…" })      one thing of whoever is signed in on this page; get, list, remove
//   mark("log", id, { state: "waiting" })     what stands beside it in the clear; never an answer, never a word of theirs
//
// A thing is an object. What comes back is the thing, its id, and its marks. Without a key (nobody signed in, no
// storage, no secure connection) put, get and list throw: show the person that nothing is kept.
import { OLD, THINGS, within } from "./db.js";
import { page } from "./page_data.js";
import { keysOf } from "./person_keys.js";
import { close, isKnown, open } from "./storage_formats.js";

export const me = () => page.person || "";

/** @type {(kind: string, id: string, thing: object, marks?: object, person?: string) => Promise<void>} */
export async function put(kind, id, thing, marks = {}, person = me()) {
  const row = { person, kind, id, marks, ...(await closed(person, id, thing)) };
  await within(THINGS, "readwrite", (store) => store.put(row));
}

/** null when there is no such thing. @type {(kind: string, id: string, person?: string) => Promise<any>} */
export async function get(kind, id, person = me()) {
  const row = await within(THINGS, "readonly", (store) => store.get([person, kind, id]));
  return row ? opened(row) : null;
}

/**
 * All of a kind. One that this person's key does not open comes with its marks and `lost: true`; with `newer: true`
 * too when a newer version of this page closed it: that one opens it.
 * @type {(kind: string, person?: string) => Promise<any[]>}
 */
export async function list(kind, person = me()) {
  const rows = await within(THINGS, "readonly", (store) =>
    store.getAll(IDBKeyRange.bound([person, kind], [person, kind, []])),
  );
  return Promise.all(rows.map(opened));
}

/** @type {(kind: string, id: string, person?: string) => Promise<void>} */
export function remove(kind, id, person = me()) {
  return within(THINGS, "readwrite", (store) => store.delete([person, kind, id]));
}

/**
 * Change marks; a thing that is gone meanwhile stays gone.
 * @type {(kind: string, id: string, marks: object, person?: string) => Promise<void>}
 */
export function mark(kind, id, marks, person = me()) {
  return move(kind, id, kind, marks, person);
}

/**
 * The same thing under another kind, still closed: needs no key.
 * @type {(kind: string, id: string, to: string, marks?: object, person?: string) => Promise<void>}
 */
export function move(kind, id, to, marks = {}, person = me()) {
  return within(THINGS, "readwrite", (store) => {
    const found = store.get([person, kind, id]);
    found.onsuccess = () => {
      const row = found.result;
      if (!row) return;
      if (kind !== to) store.delete([person, kind, id]);
      store.put({ ...row, kind: to, marks: { ...row.marks, ...marks } });
    };
  });
}

/**
 * Of everybody on this phone, with nothing opened: [{person, id, ...marks}].
 * @type {(kind: string) => Promise<Marked[]>}
 */
export async function everybodys(kind) {
  /** @type {ClosedRow[]} */
  const rows = await within(THINGS, "readonly", (store) => store.getAll());
  return rows.filter((row) => row.kind === kind).map(({ person, id, marks }) => ({ ...marks, person, id }));
}

/**
 * Logs of an earlier version of this page lay in the clear: close those that are this person's. isOwn: (value) => …
 * @type {(isOwn: (value: any) => boolean, marksOf: (kind: string, value: any) => object, person?: string) =>
 *   Promise<void>}
 */
export async function adopt(isOwn, marksOf, person = me()) {
  for (const { kind, id, value } of await within(OLD, "readonly", (store) => store.getAll())) {
    if (!isOwn(value)) continue;
    await put(kind, id, value, marksOf(kind, value), person);
    await within(OLD, "readwrite", (store) => store.delete([kind, id]));
  }
}

// The person and the id are part of what is closed: a thing can not be passed off as another one.
/** @type {(person: string, id: string) => Uint8Array<ArrayBuffer>} */
const label = (person, id) => new TextEncoder().encode(`${person}/${id}`);

/** @type {(person: string, id: string, thing: object) => Promise<Closed>} */
async function closed(person, id, thing) {
  const said = new TextEncoder().encode(JSON.stringify(thing));
  return close(await keysOf(person), said, label(person, id));
}

/** @type {(row: ClosedRow) => Promise<any>} */
async function opened({ person, id, marks, ...thing }) {
  const keys = await keysOf(person);
  if (!isKnown(thing, keys)) return { id, ...marks, lost: true, newer: true };
  try {
    const said = await open(keys, thing, label(person, id));
    return { ...JSON.parse(new TextDecoder().decode(said)), id, ...marks };
  } catch {
    return { id, ...marks, lost: true };
  }
}
