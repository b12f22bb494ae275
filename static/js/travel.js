// The phone goes by other clocks than those by which its patient is reminded: ask whether they travel. This shows a
// question that is on the page already; nothing is sent until the person presses Save on the page it leads to.
const LEFT = "kypho-travel-left";
const ask = document.getElementById("travel-ask");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

const clockIn = (zone, at) =>
  new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);

// A phone has the zone of a place; UTC and the like are those of a machine.
function differs(zone) {
  if (!here.includes("/") || here.startsWith("Etc/")) return false;
  const now = new Date();
  return clockIn(zone, now) !== clockIn(here, now);
}

function leftBefore(answer) {
  try {
    return localStorage.getItem(LEFT) === answer;
  } catch {
    return false;
  }
}

function leave(answer) {
  ask.hidden = true;
  try {
    localStorage.setItem(LEFT, answer);
  } catch {
    // It asks again on the next page.
  }
}

function show() {
  const { zone } = ask.dataset;
  const answer = `${zone} ${here}`;
  if (!differs(zone) || leftBefore(answer)) return;
  ask.querySelector("a").search = new URLSearchParams({ zone: here });
  ask.querySelector("button").addEventListener("click", () => leave(answer));
  ask.hidden = false;
}

if (ask) show();
