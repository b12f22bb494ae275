// The facts of the signed-in person on their own phone: fetched, kept, replaced when somebody else signs in.
import { facts } from "./kept.js";
import { tidy } from "./resend.js";
import { rulebook } from "./rulebook.js";

export const OWN_PAGES = "kypho-own";
// Addresses, and whom the page is about; a page without it keeps nothing.
export const page = globalThis.document?.getElementById("phone-script")?.dataset || {};
let token = "";

export const csrf = () => token;

/** The kept facts of this person; null when there are none, or they are somebody else's. */
export async function knownFacts(about) {
  try {
    const found = await facts.get();
    return found && found.about === about ? found : null;
  } catch {
    return null;
  }
}

/** Ask the clinic. Returns {status, facts}: 200 with new facts kept, or the refusal; throws without a network. */
export async function refreshFacts() {
  const answer = await fetch(page.facts, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return { status: answer.redirected ? 401 : answer.status, facts: null };
  const { csrf: fresh, ...body } = await answer.json();
  token = fresh;
  const found = { ...body, fetched_at: Date.now() };
  document.dispatchEvent(new CustomEvent("kypho:facts", { detail: found }));
  await keep(found).catch(() => null);
  await tidy(found.person, found.fetched_at).catch(() => null);
  if (found.rulebook !== rulebook.hash) renewScripts();
  return { status: 200, facts: found };
}

async function keep(found) {
  const before = await facts.get();
  if (before && before.about !== found.about) await forgetOther();
  await facts.set(found);
  if (before?.about !== found.about || before?.shell !== found.shell || !(await hasPages())) await keepPages();
}

/** Another person signed in on this phone: nothing of the one before stays but logs the clinic must still get. */
export async function forgetOther() {
  await Promise.allSettled([facts.remove(), globalThis.caches?.delete(OWN_PAGES)]);
}

export async function forgetIfOther(about) {
  const found = await facts.get();
  if (found && found.about !== about) await forgetOther();
}

const hasPages = async () => Boolean(globalThis.caches && (await caches.match(page.shell, { cacheName: OWN_PAGES })));

// The blank log and the page with the numbers to call, for when there is no signal.
async function keepPages() {
  if (!globalThis.caches) return;
  const kept = await caches.open(OWN_PAGES);
  for (const address of [page.shell, page.offline]) {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (answer.status === 200 && !answer.redirected) await kept.put(address, answer);
  }
}

// The rule book here is older than the clinic's: the worker fetches the new files for the next page.
async function renewScripts() {
  (await navigator.serviceWorker?.getRegistration())?.update().catch(() => null);
}
