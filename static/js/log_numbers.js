// Each log kept here has a number, of one person, about one patient, on this phone. What is sent says its own number and
// the last one there is, so that the clinic sees when one has not arrived. A phone that lost everything, or a new one,
// begins a new sequence. In the clear lies nothing but how many there are.
import { THINGS, within } from "./db.js";
import { everybodys, me } from "./store.js";

const KIND = "count";
const MOST_GONE = 50;
// A log gets its number a moment before it is kept.
const SETTLES_MS = 60000;

/** The count after one more log; the same log again keeps its number. count: {sequence, last, open: [{place, id, at}]}. */
export function after(count, id, at, fresh) {
  const known = count || { sequence: fresh, last: 0, open: [] };
  if (known.open.some((one) => one.id === id)) return known;
  const number = known.last + 1;
  return { ...known, last: number, open: [...known.open, { place: number, id, at }] };
}

/** Numbers of logs that are neither waiting here nor sent: taken back by their person, or sent by the page itself. */
export function gone(count, ids, now) {
  const left = count.open.filter(({ id, at }) => !ids.has(id) && now - at > SETTLES_MS);
  return left.slice(0, MOST_GONE).map(({ place }) => place);
}

/** After the clinic has named a log: it and what was said to be gone need not be looked at again. */
export function without(count, { id, body }) {
  const told = new Set([body.count.number, ...body.count.gone]);
  return { ...count, open: count.open.filter((one) => one.id !== id && !told.has(one.place)) };
}

/** The number of a log that is about to be kept, ready to send with it. */
export async function numbered({ id, about }, fresh) {
  if (!me()) throw new Error("nobody is signed in");
  const count = await change(about, (known) => after(known, id, Date.now(), fresh));
  const { place: number } = count.open.find((one) => one.id === id);
  return { sequence: count.sequence, number, last: count.last, gone: [] };
}

/** The same as it stands at the moment of sending. */
export async function standing({ about, body }) {
  const [count, waiting, sent] = await Promise.all([read(about), everybodys("log"), everybodys("sent")]);
  if (count?.sequence !== body.count.sequence) return body.count;
  const ids = new Set([...waiting, ...sent].map(({ id }) => id));
  return {
    ...body.count,
    last: count.last,
    gone: gone(count, ids, Date.now()).filter((number) => number !== body.count.number),
  };
}

export async function settled(entry) {
  if (entry.body.count) await change(entry.about, (known) => known && without(known, entry));
}

const keyOf = (about) => [me(), KIND, about];

const read = (about) => within(THINGS, "readonly", (store) => store.get(keyOf(about))).then((row) => row?.marks);

// One transaction, so that two tabs never give one number twice.
async function change(about, changed) {
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
