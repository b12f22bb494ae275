// What this device is called in lists: by it a nurse and the patient know which one it is.

/**
 * "Safari on iPhone"; unknown: what stands for a system we do not know.
 * @type {(unknown: string) => string}
 */
export function deviceName(unknown) {
  const agent = navigator.userAgent;
  /** @type {(pairs: [string, string][], other: string) => string} */
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
    unknown,
  );
  return `${browser} on ${system}`;
}
