// With no signal: the blank log and the page with the numbers to call. Written by hand, so that it can be read in
// one go. From the server come first KNOWN, the version and the files of the phone's pages, and sendSealed (null where
// workers know no modules): it sends the urgent logs that wait here, with nobody's session.
//
// Kept: our own scripts and styles, and the two pages that the phone's script puts into kypho-own. Never kept: a
// page with an answer, an alert or anything else of a patient in it, and nothing at all of the staff's pages.
const FILES = `kypho-files-${KNOWN.version}`;
const OWN_PAGES = "kypho-own";
const SEALED = "kypho-sealed";
const LOG = "/log/";
const LOG_SHELL = "/log/shell/";
// Lies beside the kept log while it is that of whoever is signed in (own_facts.js).
const THEIRS = "/log/shell/?theirs";
const OFFLINE = "/offline/";
const PHONE_PAGE = /^\/(?:|today\/|plan\/|history\/|learn\/|visit\/|help\/|card\/|log\/|log\/[0-9a-f-]{36}\/advice\/)$/;
const HASHED = /\.[0-9a-f]{12}\.[a-z0-9]+$/;
// A signal that is there but does not carry: do not wait longer than this for a page.
const WAIT_MS = { log: 4000, other: 10000 };

self.addEventListener("install", (event) => {
  // What the page has just loaded is not asked for again, where its name holds a hash of it.
  const fetched = KNOWN.files.map(
    (address) => new Request(address, { cache: HASHED.test(address) ? "default" : "no-cache" }),
  );
  event.waitUntil(
    caches
      .open(FILES)
      .then((files) => Promise.all(fetched.map((file) => keepFile(files, file))))
      .then(() => self.skipWaiting()),
  );
});

// A hotel's login page answers 200 to everything; kept as a script it would stay for ever.
async function keepFile(files, request) {
  const answer = await fetch(request);
  if (!answer.ok || answer.redirected || /text\/html/.test(answer.headers.get("Content-Type")))
    throw new Error("no file of ours");
  await files.put(request, answer);
}

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("kypho-files-") && name !== FILES;
  const clean = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

// A signal again, also after every page was closed: the browser says so, where it can. Else the next page does.
self.addEventListener("sync", (event) => {
  if (event.tag === SEALED)
    event.waitUntil(sendAll().then((failed) => failed && Promise.reject(new Error("not sent"))));
});

async function sendAll() {
  return sendSealed ? sendSealed(tellPages) : 0;
}

async function tellPages({ id }) {
  for (const client of await self.clients.matchAll()) client.postMessage({ sent: id });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.waitUntil(sendAll().catch(() => null));
  const { origin, pathname, search } = new URL(request.url);
  const isPage = PHONE_PAGE.test(pathname);
  // After a form or a page of another kind somebody else may be signed in, or read another language.
  if (request.mode === "navigate" && (request.method !== "GET" || !isPage)) event.waitUntil(askFirst());
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (KNOWN.files.includes(pathname)) event.respondWith(file(request, pathname));
  else if (request.mode === "navigate" && isPage) event.respondWith(page(request, pathname + search));
});

async function askFirst() {
  if (await caches.has(OWN_PAGES)) await (await caches.open(OWN_PAGES)).delete(THEIRS);
}

// The blank log at once; its script then asks the clinic. Not for who reloads: they want it from the clinic.
async function atOnce({ cache }) {
  if (cache === "reload" || cache === "no-cache" || !(await kept(THEIRS))) return null;
  const log = await kept(LOG_SHELL);
  return log?.headers.get("X-Kypho-Version") === KNOWN.version ? log : null;
}

// A name with a hash never changes; any other is asked for first.
async function file(request, pathname) {
  const kept = await caches.match(pathname, { cacheName: FILES });
  if (kept && HASHED.test(pathname)) return kept;
  return fetch(request).catch((error) => kept || Promise.reject(error));
}

async function page(request, address) {
  const isLog = address.split("?")[0] === LOG;
  const first = address === LOG && (await atOnce(request));
  if (first) return first;
  const answered = fetch(request);
  try {
    const answer = await inTime(answered, isLog ? WAIT_MS.log : WAIT_MS.other);
    const isOurs = answer.headers.has("X-Kypho") || answer.type === "opaqueredirect";
    if (answer.status < 500 && isOurs) return answer;
    return (isLog && (await kept(LOG_SHELL))) || (!isOurs && (await kept(OFFLINE))) || answer;
  } catch {
    return (await kept(isLog ? LOG_SHELL : OFFLINE)) || (await kept(OFFLINE)) || answered;
  }
}

const kept = (address) => caches.match(address, { cacheName: OWN_PAGES });

function inTime(promise, milliseconds) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("too slow")), milliseconds);
    promise.then(resolve, reject);
  });
}
