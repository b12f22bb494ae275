// The log as the worker shows it at once, out of what this phone keeps. The clinic is asked right after: a page that is
// somebody else's by now, or has changed, gives way to the clinic's own.
import { page } from "./page_data.js";
import { profile } from "./person_store.js";

const form = document.getElementById("log-form");
let isOpen = Boolean(form?.dataset.kept);
// By a press or a letter on this page. What stands in the fields proves nothing: some are checked from the start, and a
// draft comes back by itself.
let hasBegun = false;
for (const type of ["input", "change"]) form?.addEventListener(type, () => (hasBegun = true), { once: true });

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
  if (facts?.about === page.about && (hasBegun || facts.shell === form.dataset.kept)) return;
  // What is filled in by now is kept as a draft (draft.js) and comes back on the clinic's page, for its person alone.
  location.reload();
}
