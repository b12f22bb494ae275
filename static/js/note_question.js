// A warning sign in the person's own words: ask at once whether it is there now, in sight and for those who listen.
import { FIELDS, foundConcepts } from "./free_text.js";
import { feverLines } from "./triage_facts.js";
import { say } from "./words.js";

const PAUSE_MS = 500;
const block = document.getElementById("note-confirm");
const said = document.getElementById("note-confirm-said");
const texts = FIELDS.map((name) => document.getElementById(`id_${name}`)).filter(Boolean);
let timer = 0;

/** judged: () => the verdict on what is answered so far. */
export function watchNote(judged) {
  if (!block || !texts.length) return;
  const last = texts[texts.length - 1];
  document.getElementById(`div_${last.id}`).after(block);
  const look = () => ask(judged);
  for (const text of texts) {
    text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, PAUSE_MS);
    });
  }
  last.form.addEventListener("change", look);
  look();
}

function ask(judged) {
  const byHelper = "helper" in last().form.dataset || last().form.elements.logged_by?.value === "caregiver";
  const words = texts.map((text) => text.value);
  const found = foundConcepts(words, feverLines({}, {}), byHelper).filter(({ tier }) => tier !== "self_harm");
  const answered = block.querySelector(":checked");
  // An answer stands for what was in sight when it was given: a new sign is asked about anew.
  const shownBefore = new Set([...block.querySelectorAll('[name="notes_asked"]')].map((input) => input.value));
  const isNew = found.some(({ key }) => !shownBefore.has(key));
  if (answered && (!found.length || isNew)) answered.checked = false;
  const stands = answered?.checked;
  const shown = found.length > 0 && Boolean(stands || judged().asksAboutNote);
  if (!stands) name(shown ? found : []);
  if (shown && (block.hidden || isNew)) said.textContent = block.querySelector("legend").textContent;
  if (!shown) said.textContent = "";
  block.hidden = !shown;
  // Never asked inside what is folded away.
  const fold = block.closest("details");
  if (shown && fold) fold.open = true;
}

const last = () => texts[texts.length - 1];

// Which signs the question is about, for the eye and for what is sent with the answer.
function name(found) {
  if (found.length) block.querySelector("[data-signs]").textContent = found.map(({ asks }) => say(asks)).join("; ");
  const asked = found.map(({ key }) =>
    Object.assign(document.createElement("input"), { type: "hidden", name: "notes_asked", value: key }),
  );
  block.querySelector("[data-asked]").replaceChildren(...asked);
}
