// How much of a text fits: said while it is typed. What is longer is sent and heard all the same.
import { lettersOf } from "./typed_text.js";
import { say } from "./words.js";

const NEAR = 0.8;

export function countLetters(form) {
  for (const text of form.querySelectorAll("textarea[data-letters]")) {
    const most = Number(text.dataset.letters);
    const place = Object.assign(document.createElement("p"), { className: "letters", id: `${text.id}_letters` });
    // Said aloud near the bound only, not at each letter.
    const said = Object.assign(document.createElement("p"), { className: "visually-hidden" });
    said.setAttribute("role", "status");
    text.after(place, said);
    const count = () => {
      const letters = lettersOf(text.value);
      place.textContent = words(letters, most);
      place.classList.toggle("letters-over", letters > most);
      if (letters >= most * NEAR && letters % 20 === 0) said.textContent = place.textContent;
    };
    text.addEventListener("input", count);
    form.addEventListener("kypho:filled", count);
    count();
  }
}

const words = (letters, most) =>
  letters <= most
    ? say("{letters} of {most} letters", { letters, most })
    : say("{letters} letters, {over} over {most}. We look at all of it; shorter is easier to read.", {
        letters,
        over: letters - most,
        most,
      });
