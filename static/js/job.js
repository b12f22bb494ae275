// Long work on this page: looks every second how far it is, and loads the page anew once it is over.
// Without this file the page reloads by itself.
const EVERY_MS = 1000;

async function look() {
  const shown = document.getElementById("job");
  try {
    const answer = await fetch(shown.dataset.source, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = page.getElementById("job");
      if (!newer || "over" in newer.dataset) {
        window.location.reload();
        return;
      }
      shown.replaceChildren(...newer.childNodes);
    }
  } catch {
    // No connection just now: look again.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
