// Sends the urgent logs that wait on this phone, of everybody, with nobody's session: each envelope as it lies there,
// signed by the key of who wrote it. Runs in pages and in the service worker, and reads nothing.

import { isOurs } from "./page_data.js";
import { changePerson, everybody } from "./person_keys.js";
import { signed } from "./phone_key.js";
import { everybodys, mark, move } from "./store.js";

const ADDRESS = "/api/sealed-logs/";
const ANSWER_MS = 15000;

/**
 * How many wait that could not be sent; told: called with each {id, person} that the server named.
 * @type {(told?: (entry: Marked) => unknown, isDue?: (entry: Marked) => boolean) => Promise<number>}
 */
export async function sendSealed(told = () => null, isDue = () => true) {
  const credentials = new Map((await everybody()).map((row) => [row.person, row.credential]));
  let failed = 0;
  const due = (await everybodys("log")).filter(
    (entry) => entry.envelope && credentials.get(entry.person) && isDue(entry),
  );
  for (const entry of due.sort((a, b) => a.at - b.at)) {
    const credential = credentials.get(entry.person);
    const outcome = credential ? await post(entry, credential).catch(() => "failed") : "failed";
    if (outcome === "failed") failed += 1;
    if (outcome === "refused") {
      // Ended by the clinic, or run out: whoever wrote it signs in, and this phone gets a new one.
      await changePerson(entry.person, { credential: null });
      credentials.delete(entry.person);
    }
    if (outcome === "sent") told(entry);
  }
  return failed;
}

/** @type {(entry: Marked, credential: SendingKey) => Promise<string>} */
async function post(entry, credential) {
  const envelope = entry.envelope || "";
  const hash = await digest(envelope);
  const answer = await fetch(ADDRESS, {
    method: "POST",
    credentials: "omit",
    redirect: "error",
    keepalive: envelope.length < 60000,
    signal: AbortSignal.timeout ? AbortSignal.timeout(ANSWER_MS) : undefined,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(await signed(credential, entry)),
  });
  if (!isOurs(answer)) return "failed";
  if (answer.status === 403) return "refused";
  const said = await answer.json();
  // Nothing goes from here before the server has named this log and this envelope.
  if (!answer.ok || said.id !== entry.id || said.hash !== hash) return "failed";
  if (answer.status === 202) {
    // The clinic has the envelope and somebody will ask; the words themselves wait for sign-in.
    await mark("log", entry.id, { envelope: null, state: "sign_in" }, entry.person);
    return "kept";
  }
  // epoch null: sent once more by its person's next sign-in, and found.
  await move(
    "log",
    entry.id,
    "sent",
    { envelope: undefined, state: undefined, why: undefined, epoch: null, received_at: null, sent_at: Date.now() },
    entry.person,
  );
  return "sent";
}

/** @param {string} text */
async function digest(text) {
  const found = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(found), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
