// Every page of a patient: keep what the phone needs with no signal, send what waits or may be lost, show what was not
// sent.
import { arrive } from "./identity.js";
import { changed, flush, soon } from "./offline.js";
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

// A browser whose workers know no modules gets the same one without what it imports: the kept pages, no sending.
async function startWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  serviceWorker.addEventListener("message", ({ data }) => data.sent && changed({ id: data.sent, state: "sent", told: {} }));
  const plain = () => serviceWorker.register(`${page.worker}?plain`, { scope: "/" });
  await serviceWorker.register(page.worker, { scope: "/", type: "module" }).catch(plain);
}

async function begin() {
  await arrive().catch(() => null);
  watchUnsent();
  startWorker().catch(() => null);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  await look();
}

if (page.about) begin();
