// What the server wrote into this page for its scripts: addresses, who is signed in, whom the page is about. A page
// without it keeps nothing.
export const page = globalThis.document?.getElementById("phone-script")?.dataset || {};
