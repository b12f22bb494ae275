// A warning sign in the note: ask at once whether it is there now, in sight and for those who listen.
import { foundConcepts } from "./free_text.js";
import { feverLines } from "./triage_facts.js";

const PAUSE_MS = 500;
const block = document.getElementById("note-confirm");
const said = document.getElementById("note-confirm-said");
const note = document.getElementById("id_notes");
let timer = 0;

/** judged: () => the verdict on what is answered so far. */
export function watchNote(judged) {
  if (!block || !note) return;
  document.getElementById("div_id_notes").after(block);
  const look = () => ask(judged);
  note.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  note.form.addEventListener("change", look);
  look();
}

function ask(judged) {
  const found = foundConcepts([note.value], feverLines({}, {})).some(({ tier }) => tier !== "self_harm");
  const answered = block.querySelector(":checked");
  if (!found && answered) answered.checked = false;
  const shown = found && Boolean(answered || judged().asksAboutNote);
  if (shown && block.hidden) said.textContent = block.querySelector("legend").textContent;
  if (!shown) said.textContent = "";
  block.hidden = !shown;
}
