// The log works without this file. It adds: telling the clinic the moment an emergency answer is tapped, the
// full-screen 911 view, and the Tylenol sum.
(() => {
  "use strict";
  const form = document.getElementById("log-form");
  if (!form) return;
  const panel = document.getElementById("panel-911");
  const dialog = document.getElementById("dialog-911");
  const OWN = new Set(["csrfmiddlewaretoken", "client_id", "supersedes", "about", "temp_seen", "partial", "nothing_else"]);
  const SETS = new Set(["numb_where", "weak_where", "spread_pain_where", "activities", "pain_meds"]);
  const WHOLE = new Set(["pain_move", "pain_rest", "pain_site"]);
  const CALM = new Set(["none", "no", "both_move", "same_as_before"]);
  const RETRY_MS = 5000;
  let told = "";
  let sending = { said: "", id: "" };

  // The style sheet decides what means 911 (it is made from the questions); here we only look at its decision.
  const isEmergency = () => CSS.supports("selector(:has(*))") && getComputedStyle(panel).display !== "none";

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  // What is chosen so far. Typed numbers are left for the whole log: the form reads them.
  function answersSoFar() {
    const answers = {};
    for (const input of form.querySelectorAll("input:checked, textarea")) {
      const { name, value } = input;
      if (OWN.has(name) || name.startsWith("open_") || name === "temp_unit" || !value) continue;
      if (input.maxLength > 0 && value.length > input.maxLength) continue;
      if (SETS.has(name)) (answers[name] ||= []).push(value);
      else answers[name] = WHOLE.has(name) ? Number(value) : value;
    }
    const tapped = (prefix) => Object.keys(answers).some((name) => name.startsWith(prefix) && name !== "em_gate");
    if (!answers.em_gate && tapped("em_")) answers.em_gate = "some";
    return answers;
  }

  async function tell() {
    const answers = answersSoFar();
    const said = JSON.stringify(answers);
    if (said === told) return;
    told = said;
    // The same words again are the same log: a try that did arrive is not a second one.
    if (said !== sending.said) sending = { said, id: uuid(), before: form.elements.supersedes.value || null };
    const { id, before } = sending;
    const state = dialog.querySelector(".dialog-state");
    state.textContent = state.dataset.telling;
    // The finished log replaces this part, whether or not we hear the answer.
    form.elements.supersedes.value = id;
    const body = { client_id: id, answers, answered_at: new Date().toISOString(), partial: true, supersedes: before };
    try {
      const answer = await fetch(form.dataset.api, {
        method: "POST",
        keepalive: true,
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        body: JSON.stringify(body),
      });
      state.textContent = answer.ok ? state.dataset.told : state.dataset.notTold;
      if (!answer.ok) tellAgain();
    } catch {
      state.textContent = state.dataset.notTold;
      tellAgain();
    }
  }

  // No signal, or no answer: try again for as long as the emergency stands on this page.
  function tellAgain() {
    told = "";
    setTimeout(() => isEmergency() && tell(), RETRY_MS);
  }

  function showEmergency() {
    if (dialog.open) return;
    dialog.showModal();
    dialog.querySelector("h2").focus();
  }

  let wasEmergency = isEmergency();
  let tapped = null;
  form.addEventListener("change", (event) => {
    const input = event.target;
    untick(input);
    addUp();
    const now = isEmergency();
    const urgentPart = input.closest("#part-1") || input.name === "weak_stand";
    const more = urgentPart && input.checked && !CALM.has(input.value) && !input.name.startsWith("open_");
    if (now && (more || !wasEmergency)) {
      tapped = input;
      showEmergency();
      tell();
    }
    wasEmergency = now;
  });
  dialog.addEventListener("close", () => {
    form.classList.add("went-on");
    if (tapped) tapped.focus();
  });

  // A list item that is closed again takes its answer back; tapping an item takes back "None of these".
  function untick(input) {
    if (input.name.startsWith("open_") && !input.checked) {
      for (const radio of input.closest(".item").querySelectorAll('.more input[type="radio"]')) radio.checked = false;
    }
    const item = input.closest(".items .item");
    if (item && input.checked) {
      const none = item.parentElement.querySelector(":scope > .tile-none input");
      if (none) none.checked = false;
    }
    if (input.name === "pain_meds" && input.checked) {
      for (const other of form.querySelectorAll('[name="pain_meds"]')) {
        if ((input.value === "none") !== (other.value === "none")) other.checked = false;
      }
    }
  }

  // Strength on the box times number of pills, unless the person wrote a sum of their own.
  const sumField = form.elements.apap_total_mg;
  let ownSum = Boolean(sumField && sumField.value);
  function addUp() {
    if (!sumField || ownSum) return;
    let sum = 0;
    for (const row of form.querySelectorAll(".apap-row")) {
      const [strength, pills] = [...row.querySelectorAll("input")].map((i) => Number(i.value.replace(",", ".")));
      if (strength && pills) sum += strength * pills;
    }
    sumField.value = sum ? String(Math.round(sum)) : "";
  }
  form.addEventListener("input", (event) => {
    if (event.target.name === "apap_total_mg") ownSum = event.target.value !== "";
    if (event.target.name.startsWith("apap_")) addUp();
  });

  // Tapped before this script was there: the style sheet has shown the panel, now the clinic is told too.
  if (wasEmergency) {
    if (!form.elements.supersedes.value) showEmergency();
    tell();
  }

  // After an error: the list of what to put right is read first.
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
