// Every page of a patient: keep what the phone needs with no signal, send what waits, show what was not sent.
import { forgetIfOther, page, refreshFacts } from "./own_facts.js";
import { flush, soon } from "./offline.js";
import { watchUnsent } from "./unsent.js";

async function begin() {
  await forgetIfOther(page.about).catch(() => null);
  watchUnsent();
  navigator.serviceWorker?.register(page.worker, { scope: "/" }).catch(() => null);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  await refreshFacts().catch(() => null);
  await flush();
}

if (page.about) begin();
