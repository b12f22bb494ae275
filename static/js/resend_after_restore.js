// Logs the clinic has received stay here for 14 days. When its records were restored from a backup, they are sent again,
// quietly and under the same ids: what is there is found, what was lost is judged again.
import { nowSent } from "./person_store.js";
import { everybodys, remove } from "./store.js";
import { rankOf } from "./tiers.js";

const DAY_MS = 86400000;
const KEPT_MS = 14 * DAY_MS;
export const MOST_KEPT = 60;

/** The clinic has it: keep it under the epoch it was received in. told: the answer of /api/logs/. */
export function remember(entry, told, now) {
  return nowSent(entry.id, { epoch: told.epoch, received_at: told.received_at, sent_at: now });
}

/** Which of the kept entries of everybody have to go: too old, or too many of one person. */
export function outdated(entries, now) {
  const places = new Map();
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
 */
export function lost(entries, facts) {
  const known = facts.last_received ? Date.parse(facts.last_received) : -Infinity;
  const isLate = (entry) => entry.about === facts.about && Date.parse(entry.received_at) > known;
  const isLost = (entry) => entry.epoch !== facts.epoch || isLate(entry);
  return inOrder(entries.filter((entry) => !entry.lost && entry.sent_at <= facts.fetched_at && isLost(entry)));
}

function inOrder(entries) {
  const rank = new Map(entries.map((entry) => [entry.id, rankOf(entry.tier)]));
  for (const { id, body } of [...entries].sort((a, b) => b.at - a.at)) {
    if (rank.has(body.supersedes)) rank.set(body.supersedes, Math.max(rank.get(body.supersedes), rank.get(id)));
  }
  return [...entries].sort((a, b) => rank.get(b.id) - rank.get(a.id) || a.at - b.at);
}

/** After each word of the clinic: drop what need not be kept. */
export async function tidy(now) {
  for (const { id, person } of outdated(await everybodys("sent"), now)) await remove("sent", id, person);
}
