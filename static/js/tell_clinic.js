// An emergency answer was tapped: the clinic is told at once, before the rest of the log. The call comes first.
import { deliver, entryOf, keep, uuid } from "./offline.js";

const RETRY_MS = 5000;
let told = "";
let outcome = null;
let sending = { said: "", id: "" };

/** log: {answers, verdict, about, at, token}; field: where the finished log finds what it replaces. Resolves to
 * what became of the sending; the same words are told once. */
export function tell(log, field, state) {
  const said = JSON.stringify(log.answers);
  if (said !== told) {
    told = said;
    outcome = tellOnce(log, said, field, state);
  }
  return outcome;
}

async function tellOnce(log, said, field, state) {
  // The same words again are the same log: a try that did arrive is not a second one.
  if (said !== sending.said) sending = { said, id: uuid(), before: field.value || null, at: log.at };
  const { id, before, at } = sending;
  state.textContent = state.dataset.telling;
  field.value = id;
  const entry = entryOf({ ...log, id, at, partial: true, supersedes: before });
  const isKept = await keep(entry);
  const found = await deliver(entry, log.token);
  state.textContent = found.state === "sent" ? state.dataset.told : state.dataset.notTold;
  if (found.state === "sent") return found;
  told = "";
  if (!isKept) setTimeout(() => tell(log, field, state), RETRY_MS);
  return found;
}

document.addEventListener("kypho:logs", ({ detail }) => {
  const state = document.querySelector("#dialog-911 .dialog-state");
  if (state && detail?.id === sending.id && detail.state === "sent") state.textContent = state.dataset.told;
});
