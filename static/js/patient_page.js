// Every page of a patient: keep what the phone needs with no signal, send what waits or may be lost, show what was not
// sent.
import { arrive } from "./identity.js";
import { compare, nameTheirs } from "./kept_log.js";
import { keepPages, renewPages, showKept, shownNow } from "./kept_pages.js";
import { announce, flush, soon } from "./offline.js";
import { page, refreshFacts } from "./own_facts.js";
import { URGENT } from "./tiers.js";
import { watchUnsent } from "./unsent_mark.js";

const ASK_AGAIN_MS = 300000;
const SETTLED_MS = 1500;
let asked = 0;
let begun = false;

// A page that stays open for days asks again when somebody looks at it.
async function look() {
  if (Date.now() - asked > ASK_AGAIN_MS) {
    await refreshFacts().then(
      (answer) => {
        asked = Date.now();
        compare(answer);
      },
      () => null,
    );
    if (begun) await renewPages();
  }
  await flush();
}

// The clinic has one more log: what is kept of its pages is from before it.
async function renewAfterSending({ state }) {
  if (state !== "sent") return;
  await refreshFacts().catch(() => null);
  await renewPages();
}

// A browser whose workers know no modules gets the same one without what it imports: the kept pages, no sending.
async function startWorker() {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  serviceWorker.addEventListener("message", ({ data }) => data.sent && announce(data.sent).then(flush));
  const plain = () => serviceWorker.register(`${page.worker}?plain`, { scope: "/" });
  await serviceWorker.register(page.worker, { scope: "/", type: "module" }).catch(plain);
}

// Today says at once what an urgent log that has just gone out changes: after the last of several.
const isToday = () => location.pathname === page.today;
let reloading = 0;
function showTodayAnew({ state, tier, told }) {
  if (!isToday() || state !== "sent" || !URGENT.includes(told?.tier || tier)) return;
  clearTimeout(reloading);
  reloading = setTimeout(() => location.reload(), SETTLED_MS);
}

async function begin() {
  await arrive().catch(() => null);
  const before = await shownNow();
  nameTheirs().catch(() => null);
  watchUnsent();
  showKept().catch(() => null);
  startWorker().catch(() => null);
  document.addEventListener("kypho:logs", ({ detail }) => detail && showTodayAnew(detail));
  document.addEventListener("kypho:logs", ({ detail }) => detail && renewAfterSending(detail));
  // Today as it was before a log was sent, out of the browser's memory.
  addEventListener("pageshow", (event) => event.persisted && isToday() && location.reload());
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  await look();
  await keepPages(before);
  begun = true;
}

if (page.about) begin();
