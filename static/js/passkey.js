// The buttons for a phone's lock: shown where the browser can do it, and a sentence where it did not work.
// Without this script they stay hidden, and codes are the way.
import { say } from "./words.js";

if (window.PublicKeyCredential) {
  for (const one of document.querySelectorAll("[data-needs-passkeys]")) one.hidden = false;
  for (const one of document.querySelectorAll("[data-without-passkeys]")) one.hidden = true;
}

document.addEventListener("allauth.error", (event) => {
  const line = document.querySelector("#passkey-trouble");
  if (!line) return;
  event.preventDefault();
  line.textContent = say("That did not work. Try once more, or use a code.");
  line.hidden = false;
});
