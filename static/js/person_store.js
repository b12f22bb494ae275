// What the phone keeps of the person who is signed in: logs the clinic has not confirmed, logs it has (for 14 days), the
// facts to judge by, and who they are. All of it lies closed in store.js.
import { get, list, mark, me, move, put, remove } from "./store.js";

export const OWN_PAGES = "kypho-own";

// The marks of a log lie beside it in the clear: when, whether it is urgent, what became of sending it, and for whoever
// reads the sign-in page whose it is and whom to call.
const MARKS = [
  "about",
  "at",
  "urgent",
  "state",
  "why",
  "name",
  "call",
  "tel",
  "envelope",
  "epoch",
  "received_at",
  "sent_at",
];

/** @type {(entry: object) => [object, Marks]} */
export function parted(entry) {
  const known = Object.entries(entry).filter(([, value]) => value !== undefined);
  /** @param {[string, unknown]} one */
  const isMark = ([name]) => MARKS.includes(name);
  return [Object.fromEntries(known.filter((one) => !isMark(one))), Object.fromEntries(known.filter(isMark))];
}

/** @param {string} kind */
const rows = (kind) => ({
  /** @type {(entry: { id: string, [field: string]: any }) => Promise<void>} */
  put: (entry) => put(kind, entry.id, ...parted(entry)),
  /** @type {(id: string, person?: string) => Promise<void>} */
  remove: (id, person) => remove(kind, id, person),
  /** @type {() => Promise<StoredLog[]>} */
  all: () => (me() ? list(kind) : Promise.resolve([])),
  /** @type {(id: string, changes: Marks, person?: string) => Promise<void>} */
  change: (id, changes, person) => mark(kind, id, changes, person),
});

export const logs = rows("log");
export const sent = rows("sent");

/**
 * The clinic has it: from now on it is kept as sent. Needs no key.
 * @type {(id: string, marks: Marks, person?: string) => Promise<void>}
 */
export const nowSent = (id, marks, person) =>
  move("log", id, "sent", { envelope: undefined, state: undefined, why: undefined, ...marks }, person);

export const facts = {
  /** @type {(about: string) => Promise<KeptFacts | null>} */
  of: (about) => get("facts", about),
  /** @param {KeptFacts} found */
  set: (found) => put("facts", found.about, found),
};

/** Whom the two kept pages (blank log, numbers to call) are about, and in which shape. */
export const ownPages = {
  get: () => get("own", "pages"),
  /** @type {(about: string, shell: string) => Promise<void>} */
  set: (about, shell) => put("own", "pages", { about, shell }),
};

/** Who is signed in: {name, people: {code: {name, call, tel}}}; null on a phone that has not heard it yet. */
export const profile = {
  /** @type {() => Promise<Profile | null>} */
  get: () => get("own", "profile").catch(() => null),
  /** @param {Profile} found */
  set: (found) => put("own", "profile", found),
};
