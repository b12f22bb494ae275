// What has to be put right, as the server's own page says it: a list at the top, and each line at its question.
import { say } from "./words.js";

/** problems: [[code, words]] in the order of the page. */
export function showProblems(form, problems) {
  clearProblems(form);
  for (const [code, words] of problems) markQuestion(code, words);
  const summary = element("div", { id: "error-summary", className: "error-summary", tabIndex: -1 });
  summary.setAttribute("role", "alert");
  summary.setAttribute("aria-labelledby", "error-summary-title");
  const list = element("ul");
  for (const [code, words] of problems)
    list.append(wrap("li", element("a", { href: `#div_id_${code}`, textContent: words })));
  summary.append(
    element("h2", { id: "error-summary-title", textContent: say("Please check your answers") }),
    element("p", { textContent: howMany(problems.length) }),
    list,
  );
  form.prepend(summary);
  if (!document.title.startsWith(say("Error:"))) document.title = `${say("Error:")} ${document.title}`;
  form.dispatchEvent(new Event("kypho:problems"));
  summary.scrollIntoView();
  summary.focus();
}

export function clearProblems(form) {
  document.getElementById("error-summary")?.remove();
  for (const line of form.querySelectorAll(".field-error")) line.remove();
  for (const place of form.querySelectorAll(".has-error")) place.classList.remove("has-error");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  document.title = document.title.replace(`${say("Error:")} `, "");
}

function markQuestion(code, words) {
  const place = document.getElementById(`div_id_${code}`);
  if (!place) return;
  const line = wrap("div", element("p", { textContent: words }));
  line.className = "field-error";
  line.id = `id_${code}_error`;
  place.classList.add("has-error");
  const title = place.querySelector("legend, label");
  title.after(line);
  const described = place.querySelector("fieldset, input, textarea");
  const others = (described.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== line.id);
  described.setAttribute("aria-describedby", [...others, line.id].join(" "));
  if (described.tagName !== "FIELDSET") described.setAttribute("aria-invalid", "true");
}

const howMany = (number) =>
  number === 1
    ? say("One thing to put right. Choose it to go there.")
    : say("{number} things to put right. Choose one to go there.", { number });

const element = (name, properties = {}) => Object.assign(document.createElement(name), properties);

function wrap(name, inner) {
  const outer = element(name);
  outer.append(inner);
  return outer;
}
