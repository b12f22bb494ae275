// The pages of signing in: nobody is signed in, so everybody's things on this phone are closed. Said is only whose log
// waits, since when, and for an urgent one whom to call.
import { leave } from "./identity.js";
import { flush, soon, waiting } from "./offline.js";
import { counted } from "./unsent_mark.js";
import { say } from "./words.js";

const MINUTE_MS = 60000;
const place = document.getElementById("waiting-here");

async function show() {
  const entries = await waiting().catch(() => []);
  place.hidden = entries.length === 0;
  const people = [...new Set(entries.map((entry) => entry.person))];
  const lines = people.map((person) => lineOf(entries.filter((entry) => entry.person === person)));
  place.querySelector("ul").replaceChildren(...lines);
}

function lineOf(entries) {
  const urgent = entries.find((entry) => entry.urgent);
  const line = place.querySelector("template").content.firstElementChild.cloneNode(true);
  line.querySelector("[data-name]").textContent = entries[0].name || say("Somebody");
  line.querySelector("[data-count]").textContent = counted(entries, Date.now());
  line.querySelector("[data-urgent]").hidden = !urgent;
  line.querySelector("[data-calm]").hidden = Boolean(urgent);
  const call = line.querySelector("[data-call]");
  call.hidden = !urgent?.tel;
  if (urgent?.tel) Object.assign(call, { href: urgent.tel, textContent: say("Call {phone}", { phone: urgent.call }) });
  return line;
}

await leave(() => true).catch(() => null);
if (place) {
  document.addEventListener("kypho:logs", show);
  setInterval(show, MINUTE_MS);
  addEventListener("online", soon);
  await show();
  await flush();
}
