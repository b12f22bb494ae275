// Logs the clinic has received stay here for 14 days. When its records were put back from a copy, they are sent again,
// quietly and under the same ids: what is there is found, what was lost is judged again.
import { sent } from "./kept.js";

const DAY_MS = 86400000;
const KEPT_MS = 14 * DAY_MS;
export const MOST_KEPT = 60;
const RANK = ["on_track", "watch", "call_doctor_now", "call_911"];

/** The clinic has it: keep it under the epoch it was received in. told: the answer of /api/logs/. */
export async function remember(entry, told, now) {
  const { id, about, at, tier, body } = entry;
  const marks = { person: told.person, epoch: told.epoch, received_at: told.received_at, sent_at: now };
  await sent.put({ id, about, at, tier, body, ...marks });
}

/** Which of the kept entries have to go: too old, too many, or somebody else's. */
export function outdated(entries, person, now) {
  const own = entries.filter((entry) => entry.person === person && now - entry.at <= KEPT_MS).sort((a, b) => b.at - a.at);
  const stay = new Set(own.slice(0, MOST_KEPT).map((entry) => entry.id));
  return entries.filter((entry) => !stay.has(entry.id)).map((entry) => entry.id);
}

/**
 * What the clinic may have lost of the person the facts are about: received in another epoch, or later than the last
 * log it knows of. Facts that are older than the answer to a log say nothing of it. The most urgent first, but never
 * before the one it replaces.
 */
export function lost(entries, facts) {
  const known = facts.last_received ? Date.parse(facts.last_received) : -Infinity;
  const isLost = (entry) => entry.epoch !== facts.epoch || Date.parse(entry.received_at) > known;
  const mine = entries.filter((entry) => entry.about === facts.about && entry.person === facts.person);
  return inOrder(mine.filter((entry) => entry.sent_at <= facts.fetched_at && isLost(entry)));
}

function inOrder(entries) {
  const rank = new Map(entries.map((entry) => [entry.id, RANK.indexOf(entry.tier)]));
  for (const { id, body } of [...entries].sort((a, b) => b.at - a.at)) {
    if (rank.has(body.supersedes)) rank.set(body.supersedes, Math.max(rank.get(body.supersedes), rank.get(id)));
  }
  return [...entries].sort((a, b) => rank.get(b.id) - rank.get(a.id) || a.at - b.at);
}

/** After each word of the clinic: drop what need not be kept. */
export async function tidy(person, now) {
  for (const id of outdated(await sent.all(), person, now)) await sent.remove(id);
}
