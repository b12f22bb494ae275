/* The worklist keeps itself fresh: the stream says "changed", the rows are fetched again, and every few seconds
   they are fetched anyway. Without this script the page reloads by itself. */
(() => {
  "use strict";

  const live = document.getElementById("live");
  if (!live) return;
  const words = document.getElementById("live-words");
  const title = document.title;
  const PRESSED_IN = "kypho-row-of-press";
  const pollMs = Number(live.dataset.poll) * 1000;
  const address = live.dataset.rows + window.location.search;
  let skewMs = 0; // the server's clock minus ours: countdowns follow the server
  let freshAt = Date.now();
  let streaming = false;
  let fetching = false;
  let again = false;
  let pressed = false;

  function rows() {
    return document.getElementById("rows");
  }

  // --- State: live, checking, stale ---

  function say(state, text) {
    if (words.textContent === text) return; // a screen reader hears each change once
    live.dataset.state = state;
    words.textContent = text;
  }

  function clock(ms) {
    return new Date(ms).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  }

  function show() {
    if (Date.now() - freshAt > pollMs * 1.5) say("stale", `Stale since ${clock(freshAt)}. Trying again.`);
    else if (streaming) say("live", "Live");
    else say("checking", `Checking every ${pollMs / 1000} seconds`);
  }

  // --- Fetch the rows, and put them in without losing the reader's place ---

  function place() {
    const active = document.activeElement;
    const row = active?.closest ? active.closest(".row") : null;
    return row ? { row: row.id, same: same(active) } : null;
  }

  // How to find the same control in the row when it comes again.
  function same(one) {
    const known = ["name", "value", "href"].filter((name) => one.hasAttribute(name));
    const own = known.map((name) => `[${name}=${JSON.stringify(one.getAttribute(name))}]`).join("");
    const form = one.localName === "button" && one.form?.getAttribute("action");
    return `${form ? `form[action=${JSON.stringify(form)}] ` : ""}${one.localName}${own}`;
  }

  // Never another button: Enter would do what nobody meant. What is gone gives the focus to the row's name.
  function putBack(was) {
    const row = was && document.getElementById(was.row);
    if (!row) return;
    const target = row.querySelector(was.same) || row.querySelector(".row-link");
    if (target) target.focus({ preventScroll: true });
  }

  // After a press in a row the page comes again: the work goes on in that row.
  function rowOfPress() {
    try {
      document.addEventListener("submit", (event) => {
        const row = event.target.closest(".row");
        if (row) sessionStorage.setItem(PRESSED_IN, row.id);
      });
      const id = sessionStorage.getItem(PRESSED_IN);
      sessionStorage.removeItem(PRESSED_IN);
      if (id) document.getElementById(id)?.querySelector(".row-link")?.focus();
    } catch {
      // This browser keeps nothing: the page begins at its top.
    }
  }

  // What somebody has opened stays open, with all they typed in it; returns where the cursor was, if in there.
  function keepOpen(fresh) {
    const active = document.activeElement;
    let kept = null;
    for (const open of document.querySelectorAll("#rows details[open][id]")) {
      const same = fresh.querySelector(`#${CSS.escape(open.id)}`);
      if (!same) continue;
      if (open.id === "fold-rest") {
        same.open = true;
        continue;
      }
      if (open.contains(active)) kept = active;
      same.replaceWith(open);
    }
    return kept;
  }

  function recount(numbers) {
    const shown = document.querySelectorAll("nav.chips .chip .quiet");
    for (const [index, mark] of [...shown].entries()) if (numbers[index]) mark.textContent = numbers[index];
  }

  function replace(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("rows");
    if (!fresh) return;
    const was = place();
    const scroll = window.scrollY;
    const kept = keepOpen(fresh);
    rows().replaceWith(fresh);
    if (kept) kept.focus({ preventScroll: true });
    else putBack(was);
    window.scrollTo(0, scroll);
    settle();
  }

  function settle() {
    skewMs = Number(rows().dataset.now) - Date.now();
    freshAt = Date.now();
    const waiting = Number(rows().dataset.waiting);
    recount((rows().dataset.counts || "").trim().split(" "));
    document.title = waiting ? `(${waiting} waiting) ${title}` : title;
    count();
    show();
    document.dispatchEvent(new Event("kypho:rows"));
  }

  async function refresh() {
    if (fetching || pressed) {
      again = true;
      return;
    }
    fetching = true;
    again = false;
    try {
      const response = await fetch(address, {
        headers: { "X-Background": "1" },
        cache: "no-store",
        signal: AbortSignal.timeout(15000),
      });
      if (response.status === 401 || response.redirected) {
        // Signed out: nothing about patients stays on the screen.
        window.location.assign(`${live.dataset.login}?idle=1&next=${encodeURIComponent(window.location.pathname)}`);
        return;
      }
      if (response.ok && response.headers.get("X-Rows")) replace(await response.text());
    } catch (_error) {
      show();
    } finally {
      fetching = false;
      if (again) refresh();
    }
  }

  // --- Countdowns, by the server's clock ---

  function count() {
    const now = Date.now() + skewMs;
    for (const mark of document.querySelectorAll(".countdown")) {
      const seconds = Math.round((Number(mark.dataset.until) * 1000 - now) / 1000);
      if (mark.dataset.until) mark.textContent = seconds <= 0 ? "now" : span(seconds);
    }
  }

  function span(seconds) {
    const minutes = Math.floor(seconds / 60);
    if (minutes >= 90) return `${Math.round(minutes / 60)} h`;
    return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // A press that has begun must land on the row it began on.
  document.addEventListener("pointerdown", () => {
    pressed = true;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      setTimeout(() => {
        pressed = false;
        if (again) refresh();
      }, 150);
    });
  }

  // --- The stream. The browser connects again by itself; when the server says no, the poll goes on. ---

  let stream = null;

  function listen() {
    if (!window.EventSource || (stream && stream.readyState !== EventSource.CLOSED)) return;
    stream = new EventSource(live.dataset.events);
    stream.onopen = () => {
      streaming = true;
      show();
    };
    stream.onerror = () => {
      streaming = false;
      show();
    };
    stream.addEventListener("changed", refresh);
    stream.onmessage = refresh;
  }

  settle();
  rowOfPress();
  setInterval(count, 1000);
  setInterval(show, 5000);
  setInterval(() => {
    refresh();
    listen();
  }, pollMs);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  listen();
})();
