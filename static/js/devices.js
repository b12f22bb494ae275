// "Use this device": asks the browser for permission, only from the tap, and hands what it gives to the form.
// Pages of patients and helpers bring the sentences in the reader's language.
import { deviceName } from "./device_name.js";

const ENGLISH = {
  notSecure: "This address is not secure (https), so browsers allow no messages here.",
  apple:
    "On an iPhone or iPad, first add this page to the Home Screen (Share, then Add to Home Screen), and open it from there.",
  tooOld: "This browser cannot show messages when its page is closed. Use a current Chrome, Edge, Firefox or Safari.",
  blocked:
    "Messages from this site are blocked in this browser. Allow notifications in its settings for this site, then load this page again.",
  notAllowed: "Nothing was changed: you did not allow messages. Press the button again to be asked again.",
  asking: "Asking this browser…",
  noAnswer: "This browser could not be added: its push service does not answer. Check the connection, and try again.",
};
const given = document.getElementById("device-sentences");
const SENTENCES = given ? { ...ENGLISH, ...JSON.parse(given.textContent) } : ENGLISH;
const form = document.getElementById("device-form");
const button = document.getElementById("use-device");
const words = document.getElementById("device-words");

function say(text) {
  words.textContent = text;
  words.hidden = !text;
}

function whyNot() {
  if (!window.isSecureContext) return SENTENCES.notSecure;
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return /iPad|iPhone|iPod/.test(navigator.userAgent) ? SENTENCES.apple : SENTENCES.tooOld;
  }
  return Notification.permission === "denied" ? SENTENCES.blocked : "";
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

// A worker can subscribe once it is active. Its scope need not hold this page, so serviceWorker.ready says nothing.
function started(worker) {
  const fresh = worker.installing || worker.waiting;
  if (worker.active || !fresh) return;
  return new Promise((resolve) =>
    fresh.addEventListener("statechange", () => {
      if (fresh.state === "activated") resolve(undefined);
    }),
  );
}

async function subscribe() {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") throw new Error(whyNot() || SENTENCES.notAllowed);
  const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope });
  await started(worker);
  const key = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.key) };
  try {
    return await worker.pushManager.subscribe(key);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    // Subscribed under an earlier key of ours: that one is of no use any more.
    await (await worker.pushManager.getSubscription()).unsubscribe();
    return worker.pushManager.subscribe(key);
  }
}

async function use() {
  button.disabled = true;
  say(SENTENCES.asking);
  try {
    const known = (await subscribe()).toJSON();
    form.elements.endpoint.value = known.endpoint;
    form.elements.p256dh.value = known.keys.p256dh;
    form.elements.auth.value = known.keys.auth;
    form.elements.label.value = deviceName("this device");
    form.submit();
  } catch (error) {
    const own = error instanceof Error && !(error instanceof DOMException) ? error.message : "";
    say(own || SENTENCES.noAnswer);
    button.disabled = false;
  }
}

if (form) {
  const problem = whyNot();
  if (problem) say(problem);
  else {
    say("");
    button.hidden = false;
    button.addEventListener("click", use);
  }
}
