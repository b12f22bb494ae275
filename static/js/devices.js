// "Use this device": asks the browser for permission, only from the tap, and hands what it gives to the form.
const form = document.getElementById("device-form");
const button = document.getElementById("use-device");
const words = document.getElementById("device-words");

function say(text) {
  words.textContent = text;
  words.hidden = !text;
}

function whyNot() {
  if (!window.isSecureContext) return "This address is not secure (https), so browsers allow no messages here.";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    const apple = /iPad|iPhone|iPod/.test(navigator.userAgent);
    return apple
      ? "On an iPhone or iPad, first add this page to the Home Screen (Share, then Add to Home Screen), and open it from there."
      : "This browser cannot show messages when its page is closed. Use a current Chrome, Edge, Firefox or Safari.";
  }
  if (Notification.permission === "denied") {
    return "Messages from this site are blocked in this browser. Allow notifications in its settings for this site, then load this page again.";
  }
  return "";
}

function label() {
  const agent = navigator.userAgent;
  const find = (pairs, other) => (pairs.find(([mark]) => agent.includes(mark)) || [0, other])[1];
  const browser = find(
    [
      ["Edg/", "Edge"],
      ["OPR/", "Opera"],
      ["Firefox/", "Firefox"],
      ["Chrome/", "Chrome"],
      ["Safari/", "Safari"],
    ],
    "Browser",
  );
  const system = find(
    [
      ["Android", "Android"],
      ["iPhone", "iPhone"],
      ["iPad", "iPad"],
      ["Windows", "Windows"],
      ["Mac OS X", "Mac"],
      ["CrOS", "Chromebook"],
      ["Linux", "Linux"],
    ],
    "this device",
  );
  return `${browser} on ${system}`;
}

function bytes(base64url) {
  const text = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function subscribe() {
  const permission = await Notification.requestPermission();
  if (permission !== "granted")
    throw new Error(
      whyNot() || "Nothing was changed: you did not allow messages. Press the button again to be asked again.",
    );
  const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: "/desk/" });
  await navigator.serviceWorker.ready;
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
  say("Asking this browser…");
  try {
    const given = (await subscribe()).toJSON();
    form.elements.endpoint.value = given.endpoint;
    form.elements.p256dh.value = given.keys.p256dh;
    form.elements.auth.value = given.keys.auth;
    form.elements.label.value = label();
    form.submit();
  } catch (error) {
    const own = error instanceof Error && !(error instanceof DOMException) ? error.message : "";
    say(
      own || "This browser could not be added: its push service does not answer. Check the connection, and try again.",
    );
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
