// The advice page made on the phone, from the phone's own verdict, while the clinic has not answered.
import { documents } from "./questions.js";
import { CALL_911, clockOf, cssOf, titleOf } from "./tiers.js";
import { clinical } from "./words.js";

const DEFAULT = "App default, not from the documents";
const place = document.getElementById("phone-advice");
const log = document.getElementById("log-page");

/** Show what to do now instead of the log; state says what became of the sending. */
export function showAdvice(verdict, state, more = {}) {
  place.querySelector("[data-verdict]").className = `notice ${cssOf(verdict)}`;
  place.querySelector("h1").textContent = titleOf(verdict.tier, verdict.erNow);
  const said = verdict.before ? [] : verdict.messages;
  fill(
    "[data-words]",
    said.map((message) => line("p", message.text, "words")),
  );
  place.querySelector("[data-before]").hidden = !verdict.before;
  fill(
    "[data-notices]",
    verdict.notices.map((notice) => line("li", notice.text)),
  );
  place.querySelector("[data-notices]").closest("section").hidden = verdict.notices.length === 0;
  fill(
    "[data-sources]",
    titles(verdict).map((title) => line("li", title)),
  );
  place.querySelector("[data-minutes]").textContent = verdict.minutes;
  for (const part of place.querySelectorAll("[data-for]"))
    part.hidden = !part.dataset.for.split(" ").includes(verdict.tier);
  place.querySelector("[data-unread]").hidden = !verdict.unread;
  place.querySelector("[data-er-now]").hidden = !verdict.erNow;
  if (verdict.erNow) place.querySelector("[data-wait]").hidden = true;
  showWhose(more.of);
  place.querySelector("[data-unknown]").hidden = verdict.known;
  place.querySelector("[data-away]").hidden = !verdict.awaySince || verdict.tier === CALL_911;
  place.querySelector("[data-away-since]").textContent = verdict.awaySince
    ? clockOf(Date.parse(verdict.awaySince))
    : "";
  place.querySelector("[data-stale]").hidden = !verdict.stale;
  place.querySelector("[data-outdated]").hidden = !verdict.outdated;
  setState(state, more);
  log.hidden = true;
  place.hidden = false;
  window.scrollTo(0, 0);
  place.querySelector("h1").focus();
}

// of: {name, call, tel} of whom this is about, when the page is about somebody else.
function showWhose(of) {
  const box = place.querySelector("[data-of]");
  box.hidden = !of;
  place.querySelector("[data-back]").hidden = Boolean(of);
  if (!of) return;
  box.querySelector("[data-of-name]").textContent = of.name;
  Object.assign(box.querySelector("a"), { href: of.tel, textContent: of.call });
}

/** A log that has to be put right first and is urgent as it is: what to do stands above it. told: of tell_clinic.js. */
export function showSoFar(verdict, told) {
  const box = document.getElementById("so-far");
  box.className = `notice so-far ${cssOf(verdict)}`;
  box.querySelector("h2").textContent = titleOf(verdict.tier, verdict.erNow);
  box.querySelector("[data-words]").replaceChildren(...verdict.messages.map((said) => line("p", said.text, "words")));
  box.querySelector(".call-911").hidden = verdict.tier !== CALL_911;
  const say = (state) => {
    for (const part of box.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== state;
  };
  say("sending");
  told.then(({ state }) => say(state === "sent" ? "sent" : "waiting"));
  box.hidden = false;
  box.scrollIntoView();
  box.querySelector("h2").focus();
}

/** sending, waiting, not_kept, sign_in, refused, or sent with the address of the clinic's own advice page. */
export function setState(state, { advice = "", why = "" } = {}) {
  for (const part of place.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== state;
  if (advice) place.querySelector("[data-advice]").href = advice;
  place.querySelector("[data-why]").textContent = why;
}

export function backToLog() {
  place.hidden = true;
  log.hidden = false;
  log.querySelector("h1").focus();
}

place?.querySelector("[data-back]").addEventListener("click", backToLog);

// Each document once, by its title; app defaults come last.
function titles({ messages, notices }) {
  const marks = [...messages, ...notices].flatMap((said) => said.sources);
  const found = [...new Set(marks.map((mark) => documents[mark.split(" ")[0]] || DEFAULT))];
  return found.sort((a, b) => Number(a === DEFAULT) - Number(b === DEFAULT));
}

const fill = (selector, lines) => place.querySelector(selector).replaceChildren(...lines);

function line(name, text, css = "") {
  const made = Object.assign(document.createElement(name), { className: css });
  made.append(...clinical(text));
  return made;
}
