// The worklist by keys: / finds, j and k move, Enter opens, a takes, ? tells. Letters can be turned off on a computer.
// From 1600 px a chart opens beside the list; a chosen surgeon or day counts at once.
const KEY = "kypho-letter-keys";
const help = document.getElementById("keys");
const box = document.getElementById("keys-on");
const find = document.getElementById("find");
const peek = document.getElementById("peek");
const wide = window.matchMedia("(min-width: 1600px)");

function lettersOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function links() {
  return [...document.querySelectorAll(".row-link")].filter((link) => !link.closest("details:not([open])"));
}

// The row that had the focus last: j and k go on from there, also when it is gone or its chart is open beside.
let last = { id: "", index: -1 };

function noteRow() {
  const row = document.activeElement.closest(".row");
  if (row) last = { id: row.id, index: links().indexOf(row.querySelector(".row-link")) };
}

function move(step) {
  const all = links();
  if (!all.length) return;
  const here = all.findIndex((link) => link.closest(".row").id === last.id);
  const gone = step > 0 ? last.index : last.index - 1;
  const next = here < 0 ? gone : here + step;
  all[Math.min(Math.max(next, 0), all.length - 1)].focus();
}

function take() {
  document.activeElement.closest(".row")?.querySelector('form[action$="/acknowledge/"] button')?.click();
}

const KEYS = { j: () => move(1), k: () => move(-1), a: take, "/": () => find.focus(), "?": () => help.showModal() };

function press(event) {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
  if (event.ctrlKey || event.metaKey || event.altKey || typing || help.open || !lettersOn()) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  KEYS[event.key]();
  event.preventDefault();
}

// --- The chart beside the list ---

async function show(link) {
  const row = link.closest(".row").id;
  const response = await fetch(link.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.getElementById("main");
  if (!response.ok || response.redirected || !main) {
    window.location.assign(link.href);
    return;
  }
  const head = document.createElement("div");
  head.className = "peek-head";
  const open = Object.assign(document.createElement("a"), {
    href: link.href,
    className: "btn",
    textContent: "Open chart",
  });
  const close = Object.assign(document.createElement("button"), {
    type: "button",
    className: "btn",
    textContent: "Close",
  });
  close.addEventListener("click", () => {
    peek.hidden = true;
    document.getElementById(row)?.querySelector(".row-link").focus();
  });
  head.append(open, close);
  peek.replaceChildren(head, ...main.childNodes);
  peek.hidden = false;
  peek.scrollTop = 0;
  open.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".row-link");
  if (!link || !wide.matches || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link).catch(() => window.location.assign(link.href));
});

document.addEventListener("focusin", noteRow);
document.addEventListener("keydown", press);
document.getElementById("keys-open").hidden = false;
document.getElementById("keys-open").addEventListener("click", () => help.showModal());
box.checked = lettersOn();
box.addEventListener("change", () => {
  try {
    localStorage.setItem(KEY, box.checked ? "on" : "off");
  } catch {
    box.checked = true;
  }
});
document.getElementById("narrow-now").hidden = true;
document.getElementById("narrow").addEventListener("change", (event) => event.currentTarget.requestSubmit());
