// A long form of the desk, kept on the server while it is filled in: a reload, another page or a sign-out loses nothing.
// Nothing lies in the browser: the next person at this desk finds an empty form.
const PAUSE_MS = 1000;
const form = document.querySelector("form[data-keep]");
let timer = 0;

function keep() {
  clearTimeout(timer);
  timer = 0;
  const headers = { "X-Background": "1" };
  fetch(form.dataset.keep, {
    method: "POST",
    headers,
    body: new URLSearchParams(/** @type {any} */ (new FormData(form))),
    keepalive: true,
  }).catch(() => null);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE_MS);
}

form.addEventListener("input", soon);
form.addEventListener("submit", () => {
  clearTimeout(timer);
  timer = 0;
});
addEventListener("pagehide", () => timer && keep());
// The server gives what it kept once: this page has it now, and keeps it again.
if ("begun" in form.dataset) keep();
