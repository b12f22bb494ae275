// Signing out: one's own things stay on this phone, closed, and open again after signing in. Say what waits.
import { endCredential, leave } from "./identity.js";
import { waiting } from "./offline.js";
import { page } from "./page_data.js";
import { counted } from "./unsent_mark.js";

const form = document.getElementById("sign-out");
const warning = document.getElementById("sign-out-unsent");

waiting().then(
  (everybodys) => {
    const entries = everybodys.filter((entry) => entry.person === page.person);
    if (!entries.length || !warning) return;
    warning.querySelector("[data-count]").textContent = counted(entries, Date.now());
    warning.hidden = false;
  },
  () => null,
);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await endCredential(form.elements.csrfmiddlewaretoken.value).catch(() => null);
  await leave((person) => person === page.person).catch(() => null);
  form.submit();
});
