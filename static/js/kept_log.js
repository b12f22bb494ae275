// The log as the worker shows it at once, out of what this phone keeps. The clinic is asked right after: a page that is
// somebody else's by now, or has changed, gives way to the clinic's own.
import { page } from "./page_data.js";
import { profile } from "./person_store.js";

const form = document.getElementById("log-form");
let isOpen = Boolean(form?.dataset.kept);

/** The page is kept without a name: say whose log this is. */
export async function nameTheirs() {
  const whose = document.querySelector(".whose[hidden]");
  const { people } = (isOpen && whose && (await profile.get())) || {};
  if (!people || !Object.hasOwn(people, page.about)) return;
  whose.querySelector("strong").textContent = people[page.about].name;
  whose.hidden = false;
}

/** What the clinic answered first. @type {(answer: { status: number, facts: KeptFacts | null }) => void} */
export function compare({ status, facts }) {
  if (!isOpen || status >= 500) return;
  isOpen = false;
  // Who has begun goes on undisturbed, about the same person: the clinic judges by its own questions anyway.
  const mayStay = facts?.shell === form.dataset.kept || form.querySelector("input:checked");
  if (facts?.about === page.about && mayStay) return;
  // What is filled in by now is kept as a draft (draft.js) and comes back on the clinic's page, for its person alone.
  location.reload();
}
