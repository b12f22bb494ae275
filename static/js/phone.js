// Every page of a patient: keep what the phone needs with no signal, send what waits or may be lost, show what was not
// sent.
import { arrive } from "./identity.js";
import { flush, soon } from "./offline.js";
import { page, refreshFacts } from "./own_facts.js";
import { watchUnsent } from "./unsent.js";

const ASK_AGAIN_MS = 300000;
let asked = 0;

// A page that stays open for days asks again when somebody looks at it.
async function look() {
  if (Date.now() - asked > ASK_AGAIN_MS) {
    await refreshFacts().then(() => (asked = Date.now()), () => null);
  }
  await flush();
}

async function begin() {
  await arrive().catch(() => null);
  watchUnsent();
  navigator.serviceWorker?.register(page.worker, { scope: "/" }).catch(() => null);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  await look();
}

if (page.about) begin();
