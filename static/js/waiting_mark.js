// How many urgent alerts wait, on every page of the desk: the stream says "changed", the mark is fetched again, and
// every half minute it is fetched anyway. The worklist has a stream of its own, and says so here.
const mark = document.getElementById("waiting");
const POLL_MS = 30000;
let stream = null;
let fetching = false;
let again = false;

async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  again = false;
  try {
    const response = await fetch(mark.dataset.source, {
      headers: { "X-Background": "1" },
      cache: "no-store",
      signal: AbortSignal.timeout(15000),
    });
    // Signed out meanwhile: this page may hold words nobody has sent yet, so it stays.
    if (response.ok && response.headers.get("X-Rows")) put(await response.text());
  } catch {
    mark.dataset.stale = "true";
  } finally {
    fetching = false;
    if (again) refresh();
  }
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".waiting-mark");
  const shown = mark.querySelector(".waiting-mark");
  delete mark.dataset.stale;
  if (!fresh || (shown && shown.outerHTML === fresh.outerHTML)) return;
  const focused = shown === document.activeElement;
  if (shown) shown.replaceWith(fresh);
  else mark.append(fresh);
  if (focused) fresh.focus({ preventScroll: true });
}

function listen() {
  if (!window.EventSource || (stream && stream.readyState !== EventSource.CLOSED)) return;
  stream = new EventSource(mark.dataset.events);
  stream.addEventListener("changed", refresh);
}

if (mark) {
  if (document.getElementById("live")) document.addEventListener("kypho:rows", refresh);
  else {
    listen();
    setInterval(() => {
      refresh();
      listen();
    }, POLL_MS);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) refresh();
    });
  }
}
