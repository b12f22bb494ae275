// Every page of the desk may beep when a new 911 or doctor-now alert waits. Off until somebody turns it on, on this computer:
// browsers only allow sound after a click, so after a reload the first click or key on the page wakes it.
const KEY = "kypho-sound";
const button = document.getElementById("sound");
const words = document.getElementById("sound-words");
let context = null;
let known = new Set();

function isOn() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function urgent() {
  const mark = document.querySelector(".waiting-mark");
  return new Set(mark ? mark.dataset.keys.split(" ").filter(Boolean) : []);
}

function show() {
  const asleep = isOn() && context?.state !== "running";
  button.setAttribute("aria-pressed", String(isOn()));
  button.textContent = isOn() ? "Sound on" : "Sound off";
  words.textContent = asleep ? "Click anywhere on this page to hear it." : "";
}

async function wake() {
  if (!isOn()) return;
  context = context || new AudioContext();
  await context.resume().catch(() => {});
  show();
}

function beep() {
  if (context?.state !== "running") return;
  for (const start of [0, 0.25]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + start;
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.18);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.2);
  }
  button.dataset.beeps = String(Number(button.dataset.beeps || 0) + 1);
}

function look() {
  const now = urgent();
  if (isOn() && [...now].some((key) => !known.has(key))) beep();
  known = now;
}

async function press() {
  const on = !isOn();
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    words.textContent = "This browser keeps no settings, so sound stays off.";
    return;
  }
  if (on) {
    await wake();
    beep(); // so that everybody in the room knows how it sounds
  }
  show();
}

if (button && "AudioContext" in window) {
  known = urgent();
  button.hidden = false;
  button.addEventListener("click", press);
  for (const touch of ["pointerdown", "keydown"])
    document.addEventListener(touch, (event) => event.target !== button && wake());
  // The mark's own script (waiting_mark.js) puts a fresh one in; this one only watches.
  new MutationObserver(look).observe(document.getElementById("waiting"), { childList: true });
  show();
}
