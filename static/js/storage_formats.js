// How things are closed on this phone: a table of versions. Whatever is closed says its version beside it (v), and what
// says none is version 1. A new algorithm gets a new number; the old ones go on opening (docs/crypto.md, When an
// algorithm must go). One without `close` is only read.
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {{ additionalData?: Bytes }} Limits */
/** @typedef {{ iv: Bytes, data: ArrayBuffer }} Made */
/** @typedef {(key: CryptoKey, said: Bytes, bound: Limits) => Promise<Made>} Close */
/** @typedef {(key: CryptoKey, closed: Closed, bound: Limits) => Promise<ArrayBuffer>} Open */
/** @typedef {{ keyFrom: (raw: Bytes) => Promise<CryptoKey>, close?: Close, open: Open }} Format */
/** @type {Format} */
const AES_256_GCM = {
  keyFrom: (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
  async close(key, said, bound) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, ...bound }, key, said) };
  },
  open: (key, { iv, data }, bound) => crypto.subtle.decrypt({ name: "AES-GCM", iv, ...bound }, key, data),
};

/** @type {Map<number, Format>} */
export const FORMATS = new Map([[1, AES_256_GCM]]);

/** @param {Closed} closed */
export const versionOf = (closed) => closed.v ?? 1;

/**
 * One key of each version that is known here, none of which a script can read: {1: CryptoKey}.
 * @type {(raw: Bytes) => Promise<Keys>}
 */
export async function keysFrom(raw) {
  const made = [...FORMATS].map(async ([version, { keyFrom }]) => [version, await keyFrom(raw)]);
  return Object.fromEntries(await Promise.all(made));
}

/**
 * The newest way there is a key for. bound: bytes that have to be the same when it is opened.
 * @type {(keys: Keys, said: Bytes, bound?: Bytes) => Promise<Closed>}
 */
export async function close(keys, said, bound) {
  const usable = [...FORMATS].filter(([version, format]) => format.close && keys[version]);
  const [version, format] = usable.reduce((a, b) => (b[0] > a[0] ? b : a));
  const made = await /** @type {Close} */ (format.close)(keys[version], said, limits(bound));
  return { v: version, ...made, data: new Uint8Array(made.data) };
}

/**
 * Can it be tried at all? What a newer version of this page closed stays as it is.
 * @type {(closed: Closed, keys: Keys) => boolean}
 */
export const isKnown = (closed, keys) => FORMATS.has(versionOf(closed)) && Boolean(keys[versionOf(closed)]);

/**
 * Throws when these keys do not open it.
 * @type {(keys: Keys, closed: Closed, bound?: Bytes) => Promise<ArrayBuffer>}
 */
export function open(keys, closed, bound) {
  const version = versionOf(closed);
  return /** @type {Format} */ (FORMATS.get(version)).open(keys[version], closed, limits(bound));
}

/** @type {(bound?: Bytes) => Limits} */
const limits = (bound) => (bound ? { additionalData: bound } : {});
