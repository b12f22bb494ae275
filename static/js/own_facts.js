// The facts of the signed-in person on their own phone: fetched and kept, those of each patient apart.

import { isOurs, page } from "./page_data.js";
import { facts, OWN_PAGES, ownPages } from "./person_store.js";
import { tidy } from "./resend_after_restore.js";
import { rulebook } from "./rulebook.js";

export { page };

let token = "";

export const csrf = () => token;

/** The kept facts about this patient; null when there are none. */
export async function knownFacts(about) {
  try {
    return await facts.of(about);
  } catch {
    return null;
  }
}

/** Ask the clinic. Returns {status, facts}: 200 with new facts kept, or the refusal; throws without a network. */
export async function refreshFacts() {
  const answer = await fetch(page.facts, { credentials: "same-origin", cache: "no-store" });
  if (!isOurs(answer)) throw new Error("somebody else answered");
  if (answer.status < 500 && (!answer.ok || answer.redirected)) await mayServeFirst(false);
  if (!answer.ok || answer.redirected) return { status: answer.redirected ? 401 : answer.status, facts: null };
  const { csrf: fresh, ...body } = await answer.json();
  // Somebody else is signed in by now: of them this page keeps nothing, and sends nothing as them.
  if (body.person !== page.person) {
    await mayServeFirst(false);
    return { status: 401, facts: null };
  }
  token = fresh;
  const found = { ...body, fetched_at: Date.now() };
  document.dispatchEvent(new CustomEvent("kypho:facts", { detail: found }));
  await keep(found).catch(() => null);
  await tidy(found.fetched_at).catch(() => null);
  if (found.rulebook !== rulebook.hash) renewScripts();
  return { status: 200, facts: found };
}

async function keep(found) {
  await facts.set(found);
  const before = await ownPages.get();
  if (before?.about !== found.about || before.shell !== found.shell || !(await hasPages())) {
    await mayServeFirst(false);
    await keepPages();
    await ownPages.set(found.about, found.shell);
  }
  await mayServeFirst(found.about === page.about && found.rulebook === rulebook.hash);
}

// The worker shows the kept log before it asks the clinic, as long as this mark lies beside it: whoever is signed in was
// the person it is about when the clinic last answered. The worker takes it away when that may have changed.
async function mayServeFirst(isTheirs) {
  if (!globalThis.caches || !(await caches.has(OWN_PAGES))) return;
  const kept = await caches.open(OWN_PAGES);
  if (isTheirs) await kept.put(`${page.shell}?theirs`, new Response(""));
  else await kept.delete(`${page.shell}?theirs`);
}

const hasPages = async () => Boolean(globalThis.caches && (await caches.match(page.shell, { cacheName: OWN_PAGES })));

// The blank log and the page with the numbers to call, for when there is no signal.
async function keepPages() {
  if (!globalThis.caches) return;
  const kept = await caches.open(OWN_PAGES);
  for (const address of [page.shell, page.offline]) {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    if (answer.status === 200 && !answer.redirected && isOurs(answer)) await kept.put(address, answer);
  }
}

// The rule book here is older than the clinic's: the worker fetches the new files for the next page.
async function renewScripts() {
  (await navigator.serviceWorker?.getRegistration())?.update().catch(() => null);
}
