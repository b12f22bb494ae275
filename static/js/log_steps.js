// The log by steps: one group of questions on the screen, Next, Back, the browser's Back too. It only hides: without
// this file the same form stands as one page. It imports nothing, so that it is here before anything else is.
const form = document.getElementById("log-form");
const steps = [...form.querySelectorAll(".step")];
const foot = document.getElementById("acts");
const [back, answer, next] = ["back", "answer", "next"].map((name) => foot.querySelector(`.${name}`));
const send = form.querySelector(".send");
const where = document.getElementById("where");
const progress = document.querySelector(".step-head progress");
const said = document.getElementById("said");
const more = document.getElementById("more");
const LAST = steps.length - 1;
const DOUBLE_TAP_MS = 600;
let at = 0;
let shownAt = 0;
// Somebody went from the list at the end to what they want to change: after it they are there again.
let changing = false;

// ---- Which step

function show(place, { focus = true } = {}) {
  at = Math.min(Math.max(place, 0), LAST);
  for (const [number, step] of steps.entries()) step.hidden = number !== at;
  shownAt = performance.now();
  dispatchEvent(new Event("kypho:step"));
  where.textContent = where.dataset.words.replace("{number}", at + 1).replace("{most}", steps.length);
  for (const link of document.querySelectorAll(".not-you")) link.hidden = at > 0;
  progress.value = at + 1;
  if (at === LAST) {
    changing = false;
    listAnswers();
  }
  showFoot();
  if (focus) begin();
}

function begin() {
  steps[at].querySelector("h2").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function goTo(place) {
  history.pushState({ step: place, here: true }, "", `#part-${place + 1}`);
  show(place);
}

// Whoever leaves a step hears first what is missing in it (log.js answers, once it is there).
function leave() {
  const names = new Set([...steps[at].querySelectorAll("[name]")].map(({ name }) => name));
  const mayLeave = form.dispatchEvent(new CustomEvent("kypho:leave", { cancelable: true, detail: names }));
  if (mayLeave && at < LAST) goTo(changing && nameOf(at + 1) !== nameOf(at) ? LAST : at + 1);
}

// An address inside the page: a step, or a question in one.
function showTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const place = steps.findIndex((step) => step.contains(target));
  if (place < 0) return false;
  show(place);
  const fold = target.closest("details");
  if (fold) fold.open = true;
  // After the browser itself has gone there, and has taken the focus away.
  setTimeout(() => {
    if (target === steps[place]) return begin();
    target.scrollIntoView({ block: "center" });
    target.querySelector("input, textarea")?.focus({ preventScroll: true });
  });
  return true;
}

addEventListener("popstate", ({ state }) => {
  if (state?.step !== undefined) {
    show(state.step);
    // Once more after the browser itself has gone there, and has taken the focus away.
    return setTimeout(begin);
  }
  if (!location.hash) show(0);
  else if (showTarget()) history.replaceState({ step: at }, "");
});

// ---- The foot

// "None of these" after the last sign: as long as nothing else is said, it is the one answer that leads on.
function leadOf(step) {
  const leads = [...step.querySelectorAll("[data-leads]")].pop();
  if (!leads) return null;
  const own = leads.querySelector("input");
  const others = [...leads.closest(".question").querySelectorAll("input")].filter(
    (input) => input !== own && input.checked,
  );
  return { leads, own, alone: others.length === 0 };
}

function showFoot() {
  const lead = leadOf(steps[at]);
  if (lead) lead.leads.hidden = lead.alone;
  const answers = Boolean(lead?.alone);
  answer.hidden = !answers;
  // "None of these" stands after the last sign, never over one that nobody has read.
  foot.classList.toggle("after", answers);
  if (answers) answer.textContent = lead.leads.dataset.words || lead.leads.querySelector(".tile").textContent;
  next.hidden = answers || at === LAST;
  back.hidden = at === 0;
  send.hidden = at !== LAST;
}

back.addEventListener("click", () => (history.state?.here ? history.back() : show(at - 1)));
next.addEventListener("click", leave);
answer.addEventListener("click", () => {
  const { own } = leadOf(steps[at]);
  if (!own.checked) {
    own.checked = true;
    own.dispatchEvent(new Event("change", { bubbles: true }));
  }
  leave();
});
form.addEventListener("change", showFoot);
// A tap on the last answer leads on; arrow keys only choose.
form.addEventListener("click", ({ target, detail }) => {
  // The tap itself, not the click that the browser then makes on the input.
  if (!target.closest(".go .tile") || target.matches("input") || detail === 0) return;
  const here = at;
  setTimeout(() => here === at && leave());
});
// The second tap of a double tap falls on the next step: it answers nothing that nobody has read.
form.addEventListener(
  "click",
  (event) => {
    if (event.detail < 2 || performance.now() - shownAt > DOUBLE_TAP_MS) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

// ---- What was answered

const nameOf = (place) => steps[place].dataset.name;

// One row for each group of questions, whose steps follow each other.
function listAnswers() {
  const groups = new Map();
  for (const step of steps.slice(0, LAST))
    groups.set(step.dataset.name, [...(groups.get(step.dataset.name) || []), step]);
  said.hidden = false;
  said.replaceChildren(...[...groups.values()].map(rowOf));
}

said.addEventListener("click", ({ target }) => {
  changing = Boolean(target.closest("a"));
});

function rowOf(group) {
  const link = element("a", { href: `#${group[0].id}` });
  const words = element("span");
  const answers = group.map(answersOf).filter(Boolean).join(", ");
  words.append(
    element("strong", { textContent: group[0].dataset.name }),
    element("span", { className: "sub", textContent: answers || said.dataset.none }),
  );
  link.append(words, element("span", { className: "tag act", textContent: said.dataset.change }));
  const row = element("li");
  row.append(link);
  return row;
}

function answersOf(step) {
  const given = [...step.querySelectorAll("input")].map(wordsOf).filter(Boolean);
  return given.join(", ");
}

function wordsOf(input) {
  if (input.name === "temp_unit" || input.type === "hidden") return "";
  if (input.type === "text")
    return input.value.trim() && `${input.labels[0]?.textContent.trim()} ${input.value.trim()}`;
  if (!input.checked) return "";
  const brief = input.closest("[data-brief]")?.dataset.brief;
  const words = input.labels[0].textContent.trim();
  return brief ? `${brief} ${words}` : words;
}

const element = (name, properties = {}) => Object.assign(document.createElement(name), properties);

// ---- Begin

function first() {
  const wrong = steps.findIndex((step) => step.querySelector(".has-error"));
  if (wrong >= 0) return wrong;
  // Before this was there somebody may have begun further down.
  const begun = scrollY > 0 ? steps.findIndex((step) => step.getBoundingClientRect().bottom > innerHeight / 3) : 0;
  return Math.max(begun, 0);
}

form.classList.replace("long", "stepped");
foot.hidden = false;
foot.append(send);
form.addEventListener("kypho:problems", () => {
  show(first(), { focus: false });
  history.replaceState({ step: at }, "", `#part-${at + 1}`);
});
form.addEventListener("kypho:filled", () => {
  more.open ||= [...more.querySelectorAll("input, textarea")].some((field) =>
    field.type === "radio" || field.type === "checkbox" ? field.checked : field.value,
  );
  if (at === LAST) listAnswers();
  showFoot();
});
if (!/^#part-\d+$/.test(location.hash) || !showTarget()) show(first(), { focus: false });
history.replaceState({ step: at }, "");
