// The worker of a nurse's browser: whatever arrives is shown, and a tap only ever opens a page of the desk.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import vm from "node:vm";

const SOURCE = await readFile(new URL("../../static/js/push_sw.js", import.meta.url), "utf8");
const HOME = "https://clinic.example";

// The worker with a browser around it that writes down what it is asked to do.
function worker(scope = "/desk/") {
  const handlers = {};
  const seen = { shown: [], opened: [] };
  const self = {
    addEventListener: (name, handler) => (handlers[name] = handler),
    location: { origin: HOME },
    registration: {
      scope: `${HOME}${scope}`,
      showNotification: (title, options) => seen.shown.push({ title, ...options }),
    },
    clients: { matchAll: async () => [], openWindow: (url) => seen.opened.push(url), claim: () => {} },
    skipWaiting: () => {},
  };
  vm.runInNewContext(SOURCE, { self, URL });
  return { handlers, seen };
}

async function fire(handlers, name, event) {
  const waits = [];
  handlers[name]({ ...event, waitUntil: (promise) => waits.push(promise) });
  await Promise.all(waits);
}

async function tap(payload, scope) {
  const { handlers, seen } = worker(scope);
  await fire(handlers, "push", { data: { json: () => JSON.parse(payload) } });
  const note = seen.shown[0];
  await fire(handlers, "notificationclick", { notification: { close: () => {}, data: note.data } });
  return { note, opened: seen.opened[0] };
}

test("a tap opens the page of the alert", async () => {
  const { opened } = await tap(JSON.stringify({ title: "x", url: "/desk/alerts/1/" }));
  assert.equal(opened, `${HOME}/desk/alerts/1/`);
});

for (const url of [
  "https://evil.example/desk/",
  "//evil.example/desk/",
  "javascript:alert(1)",
  "data:text/html,x",
  "/\\evil.example",
  "/accounts/logout/",
  "/desk/../outbox/",
  "/desk/%2e%2e/outbox/",
  "https://clinic.example.evil.example/desk/",
  "https://clinic.example@evil.example/desk/",
  7,
  null,
  "",
]) {
  test(`a tap never leads away: ${url}`, async () => {
    const { opened } = await tap(JSON.stringify({ title: "x", url }));
    const place = new URL(opened);
    assert.equal(place.origin, HOME);
    assert.ok(place.pathname.startsWith("/desk/"), opened);
  });
}

for (const payload of ["", "{", "null", "[]", '{"title": {"a": 1}, "body": 5}']) {
  test(`what cannot be read still says please open: ${payload}`, async () => {
    const { note, opened } = await tap(payload);
    assert.match(note.title + note.body, /please open/i);
    assert.equal(opened, `${HOME}/desk/`);
  });
}

const PHONE = "/my/reminders/push/";
for (const [url, opens] of [
  ["/today/", "/today/"],
  ["/my/reminders/", "/my/reminders/"],
  ["/desk/", "/today/"],
  ["/today/../desk/", "/today/"],
  ["https://evil.example/today/", "/today/"],
  [7, "/today/"],
]) {
  test(`the worker of a patient's phone opens only its own pages: ${url}`, async () => {
    const { opened } = await tap(JSON.stringify({ title: "x", url }), PHONE);
    assert.equal(new URL(opened).href, `${HOME}${opens}`);
  });
}
