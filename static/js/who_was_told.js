// While somebody is being told, ask every ten seconds what has happened. Without script the page reloads itself.
(() => {
  "use strict";
  const place = document.getElementById("told");
  if (!place) return;
  const SECONDS = 10;

  // "Do not wait any longer" stands above "Call your doctor now", as on a page that is loaded then.
  function moveUp() {
    const advice = document.querySelector("main > [data-verdict]:not(.e911)");
    if (advice && place.querySelector(".do-not-wait-now")) advice.before(place.closest("section"));
  }

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.poll, { headers: { "X-Background": "1" }, credentials: "same-origin" });
      if (answer.status === 401 || answer.redirected) {
        clearInterval(timer);
        return;
      }
      if (!answer.ok || !answer.headers.has("X-Kypho")) return;
      const text = (await answer.text()).trim();
      if (text !== last) {
        last = text;
        place.innerHTML = text;
        moveUp();
      }
      if (place.querySelector("[data-poll-end]")) clearInterval(timer);
    } catch {
      // No network: the page keeps the last true state, and its do-not-wait line.
    }
  }

  let last = place.innerHTML.trim();
  const timer = setInterval(look, SECONDS * 1000);
  document.addEventListener("visibilitychange", look);
})();
