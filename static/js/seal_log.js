// An urgent log, sealed to the server the moment it is saved: from then on only the server can read this copy.
// patients/vault/phone_seal.py is the other half.
import { fromBase64, toBase64, utf8 } from "./bytes.js";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
// Names the algorithms of this file, for the server; another way is another number (docs/crypto.md).
const VERSION = 1;
const SEALED = utf8(`kypho sealed log ${VERSION}`);

/**
 * body: what /api/logs/ would get. to: {id, point} of the server's key. The envelope as text.
 * @type {(body: LogBody, to: { id: string, point: string }) => Promise<string>}
 */
export async function seal(body, to) {
  const server = fromBase64(to.point);
  const own = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const theirs = await crypto.subtle.importKey("raw", server, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const key = await keyFrom(shared, new Uint8Array([...point, ...server]));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  // It opens only as this log about this patient.
  const additionalData = utf8(`${body.client_id} ${body.about}`);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, utf8(JSON.stringify(body)));
  return JSON.stringify({ v: VERSION, to: to.id, from: toBase64(point), iv: toBase64(iv), data: toBase64(data) });
}

/** @type {(shared: ArrayBuffer, salt: Uint8Array<ArrayBuffer>) => Promise<CryptoKey>} */
async function keyFrom(shared, salt) {
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: SEALED };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}
