// The key with which this phone sends urgent logs of one person when nobody is signed in. It is made here, can not be
// read by a script, and is good for writing alone; the server keeps its public half for 90 days.
import { toBase64, utf8 } from "./bytes.js";
import { deviceName } from "./device_name.js";
import { page } from "./page_data.js";
import { changePerson, personRow } from "./person_keys.js";

const SIGNING = { name: "ECDSA", namedCurve: "P-256" };
const DAY_MS = 86400000;
// One that has a month left is replaced, so that nobody who opens the app now and then ever has none.
const RENEW_MS = 30 * DAY_MS;
const SIGNED_FOR = "kypho sealed log 1";

/**
 * While its person is signed in: make one, or a new one in good time. token: against forged forms.
 * @type {(person: string, token: string) => Promise<void>}
 */
export async function haveCredential(person, token) {
  const { credential } = (await personRow(person)) || {};
  if (credential && credential.until - Date.now() > RENEW_MS) return;
  const pair = await crypto.subtle.generateKey(SIGNING, false, ["sign", "verify"]);
  const publicKey = toBase64(await crypto.subtle.exportKey("raw", pair.publicKey));
  const answer = await fetch(page.phone, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ public_key: publicKey, label: deviceName("a phone") }),
  });
  if (!answer.ok || answer.redirected) return;
  const made = await answer.json();
  if (made.person !== person || !made.until) return;
  await changePerson(person, { credential: { key: made.key, until: Date.parse(made.until), sign: pair.privateKey } });
}

/**
 * What is posted: the envelope, unread, signed by this phone.
 * @type {(credential: SendingKey, entry: { id: string, about?: string, envelope?: string | null }) => Promise<object>}
 */
export async function signed(credential, { id, about, envelope }) {
  const message = utf8([SIGNED_FOR, credential.key, id, about, envelope].join("\n"));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, credential.sign, message);
  return { key: credential.key, id, about, envelope, signature: toBase64(signature) };
}
