// Before signing out: say what would be lost, and leave nothing on this phone even where the browser would not.
import { wipe } from "./kept.js";
import { unsent } from "./offline.js";
import { counted } from "./unsent.js";

const form = document.getElementById("sign-out");
const warning = document.getElementById("sign-out-unsent");

unsent().then(
  (entries) => {
    if (!entries.length) return;
    warning.querySelector("[data-count]").textContent = counted(entries, Date.now());
    warning.hidden = false;
  },
  () => null,
);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await wipe();
  form.submit();
});
