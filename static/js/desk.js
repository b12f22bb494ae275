/* The worklist keeps itself fresh: the stream says "changed", the rows are fetched again, and every few seconds
   they are fetched anyway. Without this script the page reloads by itself. */
(() => {
  "use strict";

  const live = document.getElementById("live");
  if (!live) return;
  const words = document.getElementById("live-words");
  const title = document.title;
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
    const row = active?.closest ? active.closest(".work-row") : null;
    return row ? { row: row.id, button: active.tagName === "BUTTON" } : null;
  }

  function putBack(was) {
    const row = was && document.getElementById(was.row);
    if (!row) return;
    const target = (was.button && row.querySelector("button")) || row.querySelector(".work-link");
    if (target) target.focus({ preventScroll: true });
  }

  function replace(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("rows");
    if (!fresh) return;
    const was = place();
    const scroll = window.scrollY;
    rows().replaceWith(fresh);
    putBack(was);
    window.scrollTo(0, scroll);
    settle();
  }

  function settle() {
    skewMs = Number(rows().dataset.now) - Date.now();
    freshAt = Date.now();
    const waiting = Number(rows().dataset.waiting);
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
      mark.textContent = seconds <= 0 ? "(now)" : `(in ${span(seconds)})`;
    }
  }

  function span(seconds) {
    const minutes = Math.floor(seconds / 60);
    if (minutes >= 90) return `${Math.round(minutes / 60)} h`;
    return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // --- Keys: j and k move, Enter opens (it is a link), t goes to the row's button ---

  function move(step) {
    const links = Array.from(document.querySelectorAll(".work-link"));
    if (!links.length) return;
    const row = document.activeElement.closest(".work-row");
    const here = row ? links.indexOf(row.querySelector(".work-link")) : -1;
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1);
    links[next].focus();
  }

  function toButton() {
    const row = document.activeElement.closest(".work-row");
    const button = row?.querySelector(".work-do button");
    if (button) button.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName))
      return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "t") toButton();
    else return;
    event.preventDefault();
  });

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
