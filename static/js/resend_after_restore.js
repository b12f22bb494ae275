// Logs the clinic has received stay here for 14 days. When its records were restored from a backup, they are sent again,
// quietly and under the same ids: what is there is found, what was lost is judged again.
import { nowSent } from "./person_store.js";
import { everybodys, remove } from "./store.js";
import { rankOf } from "./tiers.js";

const DAY_MS = 86400000;
const KEPT_MS = 14 * DAY_MS;
export const MOST_KEPT = 60;

/**
 * The clinic has it: keep it under the epoch it was received in. told: the answer of /api/logs/.
 * @type {(entry: { id: string }, told: { epoch: string, received_at: string }, now: number) => Promise<void>}
 */
export function remember(entry, told, now) {
  return nowSent(entry.id, { epoch: told.epoch, received_at: told.received_at, sent_at: now });
}

/**
 * Which of the kept entries of everybody have to go: too old, or too many of one person.
 * @type {(entries: Marked[], now: number) => Marked[]}
 */
export function outdated(entries, now) {
  const places = new Map();
  /** @param {Marked} entry */
  const goes = ({ person, at }) => {
    places.set(person, (places.get(person) || 0) + 1);
    return now - at > KEPT_MS || places.get(person) > MOST_KEPT;
  };
  return [...entries].sort((a, b) => b.at - a.at).filter(goes);
}

/**
 * What the clinic may have lost of this person's logs: received in another epoch, or, about the patient of these facts,
 * later than the last log it knows of. Facts that are older than the answer to a log say nothing of it. The most urgent
 * first, but never before the one it replaces.
 * @type {(entries: StoredLog[], facts: KeptFacts) => StoredLog[]}
 */
export function lost(entries, facts) {
  const known = facts.last_received ? Date.parse(facts.last_received) : -Infinity;
  /** @param {StoredLog} entry */
  const isLate = (entry) => entry.about === facts.about && Date.parse(entry.received_at || "") > known;
  /** @param {StoredLog} entry */
  const isLost = (entry) => entry.epoch !== facts.epoch || isLate(entry);
  return inOrder(entries.filter((entry) => !entry.lost && Number(entry.sent_at) <= facts.fetched_at && isLost(entry)));
}

/** @param {StoredLog[]} entries */
function inOrder(entries) {
  const rank = new Map(entries.map((entry) => [entry.id, rankOf(entry.tier)]));
  const placeOf = (/** @type {string} */ id) => rank.get(id) ?? -1;
  for (const { id, body } of [...entries].sort((a, b) => b.at - a.at)) {
    const replaced = body.supersedes;
    if (replaced && rank.has(replaced)) rank.set(replaced, Math.max(placeOf(replaced), placeOf(id)));
  }
  return [...entries].sort((a, b) => placeOf(b.id) - placeOf(a.id) || a.at - b.at);
}

/** After each word of the clinic: drop what need not be kept. @param {number} now */
export async function tidy(now) {
  for (const { id, person } of outdated(await everybodys("sent"), now)) await remove("sent", id, person);
}
