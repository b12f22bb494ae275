// What the server wrote into this page for its scripts: addresses, who is signed in, whom the page is about. A page
// without it keeps nothing.
/** @type {any} */
export const page = globalThis.document?.getElementById("phone-script")?.dataset || {};

/**
 * Did the clinic's own server answer? A hotel's login page or a company's filter answers 200 to everything.
 * @param {Response} answer
 */
export const isOurs = (answer) => answer.headers.has("X-Kypho");
