// Who is signed in on this phone. Opens their things, and closes everybody else's.

import { isOurs, page } from "./page_data.js";
import { changePerson, hasAllKeys, lock, personRow, unlock } from "./person_keys.js";
import { OWN_PAGES, parted, profile } from "./person_store.js";
import { haveCredential } from "./phone_key.js";
import { adopt, everybodys, me } from "./store.js";

const DAY_MS = 86400000;

/** A page of somebody who is signed in has opened. Throws without a network on a phone that does not know them yet. */
export async function arrive() {
  await leave((person) => person !== me());
  const row = await personRow(me());
  if (hasAllKeys(row) && Date.now() - (row.asked_at || 0) < DAY_MS) return;
  const answer = await fetch(page.phone, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected || !isOurs(answer)) return;
  const { secrets, csrf, ...who } = await answer.json();
  // Somebody else has signed in in another tab meanwhile: this page is no longer anybody's.
  if (who.person !== me()) return;
  await unlock(who.person, secrets);
  await profile.set(who);
  await haveCredential(who.person, csrf);
  await changePerson(who.person, { asked_at: Date.now() });
  await adopt(
    (entry) => entry.about in who.people,
    (_kind, entry) => parted(entry)[1],
  );
}

/** Before signing out: with nothing of theirs waiting, this phone needs no key to send by any more. token: of the form. */
export async function endCredential(token) {
  const { credential } = (await personRow(me())) || {};
  if (!credential || (await everybodys("log")).some((entry) => entry.person === me())) return;
  const body = new URLSearchParams({ key: credential.key, leaving: "1", csrfmiddlewaretoken: token });
  await fetch(page.phones, { method: "POST", credentials: "same-origin", redirect: "manual", body });
  await changePerson(me(), { credential: null });
}

/** These people are signed out: their things stay here closed, the pages kept for them go. */
export async function leave(isLeaving) {
  if (await lock(isLeaving)) await globalThis.caches?.delete(OWN_PAGES);
}
