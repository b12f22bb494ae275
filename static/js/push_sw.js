// Shows a note when a push arrives, and opens its page when it is tapped. It keeps nothing, and it sees no request:
// pages of the staff are never kept. A note says "please open", never why. One file for two workers: that of the desk
// opens pages of the desk, that of a patient's or helper's phone opens Today or its own page.
const DESK = new URL(self.registration.scope).pathname === "/desk/";
const FIRST = DESK ? "/desk/" : "/today/";
const OWN_PAGES = ["/today/", "/my/reminders/"];

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const note = read(event.data);
  event.waitUntil(
    self.registration.showNotification(note.title, {
      body: note.body,
      tag: note.tag,
      renotify: true, // the same alert again: one note, and one more sound
      requireInteraction: true,
      data: { url: note.url },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

// Whatever arrives, something is shown: a note that cannot be read still means "please open".
function read(data) {
  const constant = { title: "Kypho Recovery: please open", body: "Please open.", tag: "kypho", url: FIRST };
  try {
    const given = data.json();
    const text = (name, most) =>
      typeof given[name] === "string" && given[name] ? given[name].slice(0, most) : constant[name];
    return { title: text("title", 120), body: text("body", 200), tag: text("tag", 64), url: own(text("url", 500)) };
  } catch {
    return constant;
  }
}

// Only ever a page of ours.
function own(address) {
  const url = new URL(address, self.location.origin);
  const ours = DESK ? url.pathname.startsWith("/desk/") : OWN_PAGES.includes(url.pathname);
  return url.origin === self.location.origin && ours ? url.href : FIRST;
}

async function open(address) {
  const url = new URL(address, self.location.origin).href;
  const pages = await self.clients.matchAll({ type: "window" });
  const there = pages.find((page) => page.url === url);
  return there ? there.focus() : self.clients.openWindow(url);
}
