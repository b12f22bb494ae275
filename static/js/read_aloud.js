// Reads the page aloud, from the first heading on; a second tap stops it. The button stays away where the phone can not.
const button = document.getElementById("read-aloud");
const LEFT_OUT = "script, noscript, svg, [hidden], .visually-hidden, .foot";

if (button && globalThis.speechSynthesis) {
  button.hidden = false;
  button.addEventListener("click", () => (speechSynthesis.speaking ? stop() : read()));
  addEventListener("pagehide", stop);
  // Another step of the log, or a page drawn anew: what is read then is no longer on the screen.
  for (const event of ["popstate", "kypho:step"]) addEventListener(event, stop);
}

function read() {
  const lines = linesOf(document.querySelector("dialog[open]") || document.getElementById("main"));
  if (!lines.length) return;
  button.setAttribute("aria-pressed", "true");
  lines.forEach((text, place) => {
    const said = new SpeechSynthesisUtterance(text);
    said.lang = document.documentElement.lang;
    if (place === lines.length - 1) said.addEventListener("end", ended);
    speechSynthesis.speak(said);
  });
}

function stop() {
  speechSynthesis.cancel();
  ended();
}

const ended = () => button.setAttribute("aria-pressed", "false");

// What is in sight, block by block; of an answer that is given, that it is.
function linesOf(place) {
  const found = place.querySelectorAll("h1, h2, h3, legend, p, li, label, dt, dd, summary, a.btn, button");
  return [...found]
    .filter((one) => one.checkVisibility() && !one.closest(LEFT_OUT) && !one.querySelector("p, li, label"))
    .map((one) => one.textContent.replace(/\s+/g, " ").trim())
    .filter(Boolean);
}
