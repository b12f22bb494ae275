// How many seconds each part of the log was looked at. Sent beside the answers; no rule reads it.
const EVERY_MS = 1000;
const MOST_SECONDS = 3600;

/** Begin to count; returns what puts the seconds beside answers. */
export function watchSteps(form) {
  const parts = [...form.querySelectorAll('[id^="part-"]')].filter((part) => /^part-\d+$/.test(part.id));
  const seconds = {};
  setInterval(() => {
    const step = document.hidden || !parts.length ? "" : mostSeen(parts).id.replace("-", "_");
    if (step) seconds[step] = Math.min((seconds[step] || 0) + 1, MOST_SECONDS);
  }, EVERY_MS);
  return (answers) => (Object.keys(seconds).length ? { ...answers, step_seconds: { ...seconds } } : answers);
}

const mostSeen = (parts) => parts.reduce((best, part) => (seen(part) > seen(best) ? part : best));

// How much of it is on the screen, in pixels.
function seen(part) {
  const { top, bottom } = part.getBoundingClientRect();
  return Math.min(bottom, innerHeight) - Math.max(top, 0);
}
