// Today, the plan, the cards and the rest as they were last seen, for when there is no signal. Kept closed for their
// person (store.js): nobody else on this phone can open them, and nobody at all after sign-out. They are fetched again
// when a log was sent, when something about the person changed, and when they are old.

import { knownFacts } from "./own_facts.js";
import { isOurs, page } from "./page_data.js";
import { logs, sent } from "./person_store.js";
import { addressOf } from "./shown_verdicts.js";
import { get, list, put, remove } from "./store.js";
import { clockOf, titleOf, URGENT } from "./tiers.js";
import { say } from "./words.js";

const FRESH_MS = 30 * 60000;
const MOST_ADVICE = 5;
const ADVICE = /^\/log\/[0-9a-f-]{36}\/advice\/$/;
const KIND = "page";
// What can not be done with no signal, or would be said too late.
const NOT_KEPT =
  "form, script, #others-title, #travel-ask, [aria-labelledby=number-title], [aria-labelledby=look-title]";
// What is allowed may not be allowed any more after an urgent log.
const PERMISSIONS = ".steps-allowed, .plan-reached, .calm-state";

const addresses = () => (page.pages || "").split(/\s+/).filter(Boolean);
const idOf = (path) => `${page.about} ${path}`;
const isKept = (path) => addresses().includes(path) || ADVICE.test(path);

/** What the pages of this person are made of changes with this mark of their facts. */
export const shownNow = async () => (await knownFacts(page.about))?.shown;

// One after the other: a log that is sent meanwhile asks again.
let running = Promise.resolve();
const inTurn = (work) => (running = running.then(work).catch(() => null));

/** This page was just answered by the clinic: keep it. shown: as it was before the page was asked for, or older. */
export const keepPages = (shown) => inTurn(() => keepAll(shown));

/** Something was sent or changed: fetch what is older, on whatever page this is. */
export const renewPages = () => inTurn(renew);

async function keepAll(shown) {
  // The page of the worker, which stands for another one: nothing of the clinic's.
  if (document.getElementById("kept-page")) return;
  if (isKept(location.pathname)) await keep(location.pathname, document, shown);
  await renew();
  await drop();
}

async function renew() {
  const shown = await shownNow();
  const known = new Map((await list(KIND)).map((one) => [one.id, one]));
  for (const path of addresses()) {
    const last = known.get(idOf(path));
    if (last && last.shown === shown && Date.now() - last.at < FRESH_MS) continue;
    const answer = await fetch(path, {
      credentials: "same-origin",
      cache: "no-store",
      headers: { "X-Background": "1" },
    });
    if (answer.ok && !answer.redirected && isOurs(answer))
      await keep(path, new DOMParser().parseFromString(await answer.text(), "text/html"), shown);
  }
}

async function keep(path, whole, shown) {
  // Another person's by now, or another patient's: not kept under this name.
  const { person, about } = whole.getElementById("phone-script")?.dataset || {};
  if (person !== page.person || about !== page.about) return;
  const main = whole.getElementById("main").cloneNode(true);
  for (const part of main.querySelectorAll(NOT_KEPT)) part.remove();
  await put(KIND, idOf(path), { html: main.innerHTML, title: whole.title, at: Date.now(), shown });
}

async function drop() {
  const advice = (await list(KIND)).filter((one) => ADVICE.test(one.id.split(" ")[1])).sort((a, b) => b.at - a.at);
  for (const { id } of advice.slice(MOST_ADVICE)) await remove(KIND, id);
}

/** On the page the worker shows with no signal: what was last known of the address it stands for. */
export async function showKept() {
  const place = document.getElementById("kept-page");
  if (!place) return;
  const said = await newest();
  if (said) showLast(said);
  const path = location.pathname === "/" ? page.today : location.pathname;
  const found = await get(KIND, idOf(path)).catch(() => null);
  if (!found || found.lost) return;
  document.documentElement.dataset.keptAt = found.at;
  document.title = found.title;
  const main = place.querySelector("[data-main]");
  main.innerHTML = found.html;
  const greeting = main.querySelector(".hello h1");
  if (greeting) greeting.textContent = say("Today");
  if (said && URGENT.includes(said.tier) && said.at > found.at) withhold(place, main);
  place.querySelector("[data-when]").textContent = clockOf(found.at);
  place.hidden = false;
  document.getElementById("no-page").hidden = true;
}

// The newest log of this phone, sent or not, about the person on the page.
async function newest() {
  const all = [...(await logs.all().catch(() => [])), ...(await sent.all().catch(() => []))];
  const own = all.filter((entry) => entry.about === page.about && entry.verdict);
  return own.sort((a, b) => b.at - a.at)[0] || null;
}

function showLast({ id, at, tier, verdict }) {
  for (const place of document.querySelectorAll("[data-last]")) {
    place.querySelector("[data-last-when]").textContent = clockOf(at);
    place.querySelector("[data-last-what]").textContent = URGENT.includes(tier)
      ? `: ${titleOf(tier, verdict.erNow)}`
      : "";
    place.querySelector("a").href = addressOf(id);
    place.hidden = false;
  }
}

function withhold(place, main) {
  for (const part of main.querySelectorAll(PERMISSIONS)) part.remove();
  place.querySelector("[data-withheld]").hidden = false;
}
