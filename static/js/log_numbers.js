// Each log kept here has a number, of one person, about one patient, on this phone. What is sent says its own number and
// the last one there is, so that the clinic sees when one has not arrived. A phone that lost everything, or a new one,
// begins a new sequence. In the clear lies nothing but how many there are.
import { THINGS, within } from "./db.js";
import { everybodys, me } from "./store.js";

/** @typedef {{ id: string, about: string, body: { count: LogNumber } }} Numbered */

const KIND = "count";
const MOST_GONE = 50;
// A log gets its number a moment before it is kept.
const SETTLES_MS = 60000;

/**
 * The count after one more log; the same log again keeps its number. count: {sequence, last, open: [{place, id, at}]}.
 * @type {(count: Count | undefined, id: string, at: number, fresh: string) => Count}
 */
export function after(count, id, at, fresh) {
  const known = count || { sequence: fresh, last: 0, open: [] };
  if (known.open.some((one) => one.id === id)) return known;
  const number = known.last + 1;
  return { ...known, last: number, open: [...known.open, { place: number, id, at }] };
}

/**
 * Numbers of logs that are neither waiting here nor sent: taken back by their person, or sent by the page itself.
 * @type {(count: Count, ids: Set<string>, now: number) => number[]}
 */
export function gone(count, ids, now) {
  const left = count.open.filter(({ id, at }) => !ids.has(id) && now - at > SETTLES_MS);
  return left.slice(0, MOST_GONE).map(({ place }) => place);
}

/**
 * After the clinic has named a log: it and what was said to be gone need not be looked at again.
 * @type {(count: Count, entry: Numbered) => Count}
 */
export function without(count, { id, body }) {
  const told = new Set([body.count.number, ...body.count.gone]);
  return { ...count, open: count.open.filter((one) => one.id !== id && !told.has(one.place)) };
}

/**
 * The number of a log that is about to be kept, ready to send with it.
 * @type {(entry: { id: string, about: string }, fresh: string) => Promise<LogNumber>}
 */
export async function numbered({ id, about }, fresh) {
  if (!me()) throw new Error("nobody is signed in");
  const count = await change(about, (known) => after(known, id, Date.now(), fresh));
  const number = count.open.find((one) => one.id === id)?.place ?? count.last;
  return { sequence: count.sequence, number, last: count.last, gone: [] };
}

/** The same as it stands at the moment of sending. @type {(entry: Numbered) => Promise<LogNumber>} */
export async function standing({ about, body }) {
  const [count, waiting, sent] = await Promise.all([read(about), everybodys("log"), everybodys("sent")]);
  if (!count || count.sequence !== body.count.sequence) return body.count;
  const ids = new Set([...waiting, ...sent].map(({ id }) => id));
  return {
    ...body.count,
    last: count.last,
    gone: gone(count, ids, Date.now()).filter((number) => number !== body.count.number),
  };
}

/** @param {StoredLog} entry */
export async function settled(entry) {
  const { count } = entry.body;
  if (count) await change(entry.about, (known) => known && without(known, { ...entry, body: { count } }));
}

/** @param {string} about */
const keyOf = (about) => [me(), KIND, about];

/** @type {(about: string) => Promise<Count | undefined>} */
const read = (about) => within(THINGS, "readonly", (store) => store.get(keyOf(about))).then((row) => row?.marks);

// One transaction, so that two tabs never give one number twice.
/** @type {(about: string, changed: (known?: Count) => Count | undefined) => Promise<Count>} */
async function change(about, changed) {
  /** @type {any} */
  let count = null;
  await within(THINGS, "readwrite", (store) => {
    const found = store.get(keyOf(about));
    found.onsuccess = () => {
      count = changed(found.result?.marks);
      if (count) store.put({ person: me(), kind: KIND, id: about, marks: count });
    };
  });
  return count;
}
