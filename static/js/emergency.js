// An answer that means 911 fills the screen the moment it is given, on the patient's phone and on the desk's log by phone.
import { rulebook } from "./rulebook.js";
import { CALL_911 } from "./tiers.js";

const CALM = new Set(["none", "no", "both_move", "same_as_before"]);
// Not the rule for a list of emergencies that was opened, with nothing in it tapped yet.
const AT_ONCE = rulebook.urgent.filter(({ tier, role }) => tier === CALL_911 && role !== "no_item").map(({ id }) => id);
const form = document.getElementById("log-form");
const panel = document.getElementById("panel-911");
const dialog = document.getElementById("dialog-911");

// The style sheet decides what means 911 (it is made from the questions); here we only look at its decision.
export const isEmergency = () => CSS.supports("selector(:has(*))") && getComputedStyle(panel).display !== "none";

let tapped = null;
let was = isEmergency();
let wasJudged = false;

/** Over everything else, until whoever reads it goes back to from, what was tapped. */
export function showEmergency(from) {
  tapped = from;
  if (dialog.open) return;
  nameSign(from || form.querySelector("#part-1 .items :checked"));
  dialog.showModal();
  dialog.querySelector("h2").focus();
}

// What to say on the phone: the sign that was ticked, in its own words.
function nameSign(input) {
  const place = dialog.querySelector("[data-sign]");
  const label = input?.closest(".items .item")?.querySelector(".tile");
  if (place) place.textContent = label ? ` ${label.textContent.trim()}.` : "";
}

// What was told appears above it meanwhile and moves it: the foot of the page must not cover what has the focus.
function comeBack(input) {
  input.focus();
  const keepInSight = new ResizeObserver(() => input.scrollIntoView({ block: "nearest" }));
  keepInSight.observe(document.body);
  input.addEventListener("blur", () => keepInSight.disconnect(), { once: true });
}

/** What stands there already was told before: only what comes beside it is new. */
export function knownEmergency() {
  was = isEmergency();
}

/** judged: () => the verdict on what is answered so far; tell: called whenever there is something new to tell. */
export function watchEmergency(judged, tell) {
  form.addEventListener("change", ({ target }) => {
    const now = isEmergency();
    const urgentPart = target.closest("#part-1") || target.name === "weak_stand";
    const more = urgentPart && target.checked && !CALM.has(target.value) && !target.name.startsWith("open_");
    // Some signs mean 911 only together, or with words of the note: the rules say so, not the style sheet.
    const verdict = judged();
    const judgedNow = !verdict.asksAboutNote && verdict.fired.some((id) => AT_ONCE.includes(id));
    if ((now && (more || !was)) || (judgedNow && !now && !wasJudged)) {
      showEmergency(target);
      tell();
    }
    [was, wasJudged] = [now, judgedNow];
  });
  dialog.addEventListener("close", () => {
    form.classList.add("went-on");
    if (tapped) comeBack(tapped);
  });
}
