// "In 30 minutes" for a time: one tap instead of a calendar. By the server's clock, on the clinic's wall clock.
/** @type {Intl.DateTimeFormatOptions} */
const PARTS = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
};
const opened = performance.now();

function words(minutes) {
  if (minutes < 60) return `in ${minutes} min`;
  return minutes === 60 ? "in 1 hour" : `in ${minutes / 60} hours`;
}

function wallClock(ms, timeZone) {
  const found = new Intl.DateTimeFormat("en-US", { ...PARTS, timeZone }).formatToParts(new Date(ms));
  const part = (type) => found.find((one) => one.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

function add(field) {
  const row = document.createElement("div");
  row.className = "soon";
  for (const minutes of field.dataset.soon.split(",").map(Number)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline";
    button.textContent = words(minutes);
    button.addEventListener("click", () => {
      const ms = Number(field.dataset.now) + (performance.now() - opened) + minutes * 60000;
      field.value = wallClock(ms, field.dataset.zone);
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    row.append(button);
  }
  field.after(row);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", field.labels[0]?.firstChild.textContent.trim() || "");
}

document.querySelectorAll("input[data-soon]").forEach(add);
