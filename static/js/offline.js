// A log stays on this phone until the clinic names it as received. Sending twice is harmless: the id is the same.
import { numbered, settled, standing } from "./log_numbers.js";
import { csrf, knownFacts, refreshFacts } from "./own_facts.js";
import { isOurs, page } from "./page_data.js";
import { logs, profile, sent } from "./person_store.js";
import { lost, remember } from "./resend_after_restore.js";
import { seal } from "./seal_log.js";
import { sendSealed } from "./send_sealed_logs.js";
import { everybodys, get, me } from "./store.js";
import { rankOf, URGENT } from "./tiers.js";
import { say } from "./words.js";

const ANSWER_MS = 15000;
// Of each text: with both of them, and four bytes a letter, a log stays below what a page that closes may send.
const MOST_LETTERS = 5000;
const AGAIN_MS = [5000, 15000, 60000, 300000];
// A clinic that is too busy for everybody takes what is urgent as soon as it can.
const URGENT_AGAIN_MS = [2000, 3000, 5000, 10000, 30000, 60000];
// After a restore: so many in a row, then a pause for everybody else.
const MOST_AGAIN = 10;
const PAUSE_MS = 2000;
const NOT_OPENED = "This phone can no longer read what was written.";
const REFUSED = [400, 404, 409, 413, 415, 422];
let tries = 0;
let timer = 0;
let busy = Promise.resolve();
// What this page is sending right now, by id.
const underWay = new Map();

/** A version 4 UUID, also where the browser has no randomUUID. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/**
 * The kept logs of whoever is signed in (about one patient, or all), the most urgent first, then the oldest.
 * @type {(about?: string) => Promise<StoredLog[]>}
 */
export async function unsent(about) {
  const found = (await logs.all()).filter((entry) => !entry.lost && (!about || entry.about === about));
  return found.sort((a, b) => rankOf(b.tier) - rankOf(a.tier) || a.at - b.at);
}

/**
 * One entry: what is sent, and what this phone has to remember of it.
 * @type {(said: { id: string, about: string, answers: Log, verdict: Verdict, at: number, partial?: boolean,
 *   supersedes?: string | null }) => StoredLog}
 */
export function entryOf({ id, about, answers, verdict, at, partial = false, supersedes = null }) {
  const judged = {
    phone_tier: verdict.tier,
    phone_rulebook: verdict.rulebook,
    phone_facts: verdict.facts,
    phone_fired: verdict.fired,
  };
  const body = {
    client_id: id,
    about,
    answers: bounded(answers),
    answered_at: new Date(at).toISOString(),
    partial,
    supersedes,
    ...judged,
  };
  return { id, about, at, tier: verdict.tier, signs: verdict.signs, verdict, state: "waiting", why: "", body };
}

// What an open page needs to say of an entry: its tier, and whether it sends to the ER at once.
const headOf = ({ tier, verdict }) => ({ tier, erNow: verdict?.erNow === true });

// What one message may carry. The verdict beside it was made from the whole of each text.
function bounded(answers) {
  const cut = (answer) => (typeof answer === "string" ? [...answer].slice(0, MOST_LETTERS).join("") : answer);
  return Object.fromEntries(Object.entries(answers).map(([code, answer]) => [code, cut(answer)]));
}

/** What waits on this phone, of everybody: only what stands beside each log in the clear. */
export const waiting = () => everybodys("log");

/**
 * Keep an entry; false when this phone can not (storage full, refused, or a private window).
 * @type {(entry: StoredLog) => Promise<boolean>}
 */
export async function keep(entry) {
  try {
    // Its number goes with it, by whatever way: so the clinic sees when one before it has not come.
    const [who, count] = await Promise.all([profile.get(), numbered(entry, uuid()).catch(() => null)]);
    if (count) entry.body.count = count;
    const urgent = URGENT.includes(entry.tier);
    // The one copy that goes out whoever is signed in. A phone that cannot make it still keeps the log.
    const envelope = urgent && who?.seal ? await seal(entry.body, who.seal).catch(() => null) : null;
    await logs.put({ ...entry, urgent, envelope, name: who?.name, ...numbersOf(who, entry.about) });
    if (urgent) await sendLater();
    changed();
    return true;
  } catch {
    return false;
  }
}

// The worker sends it when there is a signal again, also after this page was closed (where the browser can).
async function sendLater() {
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => null);
  await worker?.sync?.register("kypho-sealed").catch(() => null);
}

// Whom somebody calls who reads on the sign-in page that this log waits.
function numbersOf(who, about) {
  const people = who?.people || {};
  const { call, tel } = Object.hasOwn(people, about) ? people[about] : {};
  return { call, tel };
}

/**
 * Send one entry now. {state: sent, waiting, sign_in or refused}, with the answer's body or the reason why.
 * @type {(entry: StoredLog, formToken?: string) => Promise<Outcome>}
 */
export function deliver(entry, formToken = "") {
  if (!underWay.has(entry.id)) {
    underWay.set(
      entry.id,
      one(entry, formToken).finally(() => underWay.delete(entry.id)),
    );
  }
  return underWay.get(entry.id);
}

/** @type {(entry: StoredLog, formToken: string) => Promise<Outcome>} */
async function one(entry, formToken) {
  let outcome = await attempt(entry, csrf() || formToken).catch(() => ({ state: "waiting", why: "" }));
  if (outcome.state === "sign_in") await withoutSession(entry.id);
  // By its envelope, from here or by the worker meanwhile.
  if (outcome.state !== "sent" && (await isSent(entry.id))) outcome = { state: "sent", why: "", told: {} };
  await settle(entry, outcome).catch(() => null);
  if (outcome.state === "sent") await settled(entry).catch(() => null);
  changed({ id: entry.id, at: entry.at, ...headOf(entry), ...outcome });
  if (outcome.state === "waiting") again();
  return outcome;
}

// From unsent to sent in one step: whatever happens in between, it is kept. An envelope has moved it already.
/** @type {(entry: StoredLog, outcome: Outcome) => Promise<void>} */
async function settle(entry, { state, why, told }) {
  if (state !== "sent") await logs.change(entry.id, { state, why });
  else if (told.client_id) await remember(entry, told, Date.now());
}

// Nobody's session is needed for an urgent log: its envelope goes.
const withoutSession = (id) =>
  sendSealed(
    () => null,
    (entry) => entry.id === id,
  ).catch(() => null);

const isSent = (id) =>
  everybodys("sent").then(
    (found) => found.some((entry) => entry.id === id),
    () => false,
  );

/** @type {(entry: StoredLog, token: string) => Promise<Outcome>} */
async function attempt(entry, token) {
  const { count } = entry.body;
  if (count) entry.body.count = await standing({ ...entry, body: { count } }).catch(() => count);
  let answer = await post(entry.body, token);
  if (!isOurs(answer)) return { state: "waiting", why: "" };
  if (answer.status === 403) {
    // A page that was open too long has an old token.
    const { status } = await refreshFacts();
    if (status === 401) return { state: "sign_in", why: "" };
    if (status === 200) answer = await post(entry.body, csrf());
    if (!isOurs(answer)) return { state: "waiting", why: "" };
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok && told.client_id === entry.id) return { state: "sent", why: "", told };
  if (answer.status === 401) return { state: "sign_in", why: "" };
  if (answer.status === 403 || REFUSED.includes(answer.status)) return { state: "refused", why: told.title || "" };
  return { state: "waiting", why: "" };
}

// RFC 9218: when the clinic cannot answer everybody at once, this goes first.
const priority = ({ phone_tier }) => (URGENT.includes(phone_tier) ? { Priority: "u=0" } : {});

async function post(body, token) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), ANSWER_MS);
  try {
    return await fetch(page.api, {
      method: "POST",
      keepalive: true,
      credentials: "same-origin",
      redirect: "error",
      signal: stop.signal,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, ...priority(body) },
      body: JSON.stringify(body),
    });
  } finally {
    clearTimeout(late);
  }
}

/** Send all that waits of the signed-in person, whomever it is about, then what the clinic may have lost: one tab at a
 * time, the most urgent first and alone. */
export function flush() {
  const work = () =>
    sendAll()
      .catch(() => again())
      .then(sendOthers);
  if (navigator.locks) return navigator.locks.request("kypho-flush", work);
  busy = busy.then(work);
  return busy;
}

// Urgent logs of people who are not signed in here go out too, and one's own that no session takes.
async function sendOthers() {
  const isDue = (entry) => entry.person !== me() || ["sign_in", "newer"].includes(entry.state);
  const failed = await sendSealed(({ id }) => announce(id), isDue).catch(() => 0);
  if (failed) again();
}

/** A log went out by its envelope: what the open page says of it comes from here. Somebody else's is only gone. */
export async function announce(id) {
  const entry = (await get("sent", id).catch(() => null)) || {};
  changed({ id, at: entry.at, ...headOf(entry), state: "sent", told: {} });
}

async function sendAll() {
  if (!me()) return;
  await nameTheLost();
  const waits = (await unsent()).some((entry) => entry.state !== "refused");
  const known = waits ? await sendWaiting() : null;
  if (!known && waits) return;
  if ((await sent.all()).some(byEnvelope)) await refreshFacts();
  await sendAgain();
}

// It went with nobody's session, so this phone knows its id alone: its person's session asks for the advice page.
const byEnvelope = (entry) => !entry.lost && entry.epoch === null && entry.received_at === null;

// True when nothing waits any more.
async function sendWaiting() {
  // What may be an emergency asks for nothing else first.
  if (csrf() && !(await sendEach(({ tier }) => URGENT.includes(tier)))) return false;
  const { status, facts } = await refreshFacts();
  if (status === 401) return signInFirst();
  if (!facts) return again();
  if (!(await sendEach(() => true))) return false;
  tries = 0;
  await refreshFacts();
  return true;
}

// False when one of those has to wait, and with it all that are less urgent.
async function sendEach(isMeant) {
  for (const entry of await unsent()) {
    if (entry.state === "refused" || !isMeant(entry)) continue;
    const { state } = await deliver(entry);
    if (state === "waiting" || state === "sign_in") return false;
  }
  return true;
}

// Its key is gone (the clinic's secrets were replaced): whoever wrote it has to tell it again. One of a newer version of
// this page stays, and waits for that.
async function nameTheLost() {
  const all = await logs.all();
  for (const { id, at, state, newer } of all) {
    const due = newer ? "newer" : "waiting";
    if (state === "refused" || (state === "newer") === Boolean(newer)) continue;
    await logs.change(id, { state: due });
    changed({ id, at, state: due });
  }
  const gone = all.filter((entry) => entry.lost && !entry.newer && entry.state !== "refused");
  for (const { id, at } of gone) {
    await logs.change(id, { state: "refused", why: say(NOT_OPENED) });
    changed({ id, at, state: "refused", why: say(NOT_OPENED) });
  }
}

// Nothing is shown: whatever stops it, the next page goes on from there.
async function sendAgain() {
  const facts = await knownFacts(page.about);
  const entries = facts ? lost(await sent.all(), facts) : [];
  // Noted before the first one goes: once it has arrived, nothing else would show that the others are missing.
  for (const entry of entries) if (entry.epoch !== null) await sent.change(entry.id, { epoch: null });
  for (const entry of entries.slice(0, MOST_AGAIN)) {
    const { state, told } = await attempt(entry, csrf()).catch(() => ({ state: "waiting", told: null }));
    if (state === "sign_in") return;
    if (state === "waiting") return again();
    // One the clinic refuses now (its recovery is closed) is not tried again in this epoch.
    const known = told
      ? { epoch: told.epoch, received_at: told.received_at }
      : { epoch: facts.epoch, received_at: null };
    await sent.change(entry.id, { ...known, sent_at: Date.now() });
    if (told && byEnvelope(entry)) changed({ id: entry.id, at: entry.at, ...headOf(entry), state: "sent", told });
  }
  if (entries.length) await refreshFacts();
  if (entries.length > MOST_AGAIN) setTimeout(flush, PAUSE_MS);
}

async function signInFirst() {
  for (const entry of await unsent()) {
    if (entry.state !== "waiting") continue;
    await logs.change(entry.id, { state: "sign_in" });
    changed({ id: entry.id, at: entry.at, ...headOf(entry), state: "sign_in", why: "" });
  }
}

async function again() {
  const urgent = (await waiting().catch(() => [])).some((entry) => entry.urgent && entry.state === "waiting");
  const waits = urgent ? URGENT_AGAIN_MS : AGAIN_MS;
  clearTimeout(timer);
  // Not all phones in the same moment.
  timer = setTimeout(flush, waits[Math.min(tries, waits.length - 1)] * (0.8 + Math.random() * 0.4));
  tries += 1;
}

/** There is a signal again: do not wait for the next try. */
export function soon() {
  tries = 0;
  return flush();
}

/** Something on this phone was sent, kept or refused: every open mark and page looks again. */
export function changed(detail = null) {
  document.dispatchEvent(new CustomEvent("kypho:logs", { detail }));
}
