// A picture of the body below the list of places where it is numb, weak or hurts. A tap in it taps the list, and only the
// list is the answer: who reads by ear or by keyboard has all of it there. Drawn when it is first needed, so that a
// normal day does not wait for it.
import { body } from "./questions.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** Draw it for each of those questions once its sign is ticked, now or later. @type {(form: HTMLFormElement) => void} */
export function showBodies(form) {
  const look = () => {
    for (const code of Object.keys(body.asked)) show(document.getElementById(`div_id_${code}`), code);
  };
  form.addEventListener("change", look);
  form.addEventListener("kypho:filled", look);
  look();
}

/** @type {(place: HTMLElement | null, code: string) => void} */
function show(place, code) {
  const list = place?.querySelector(".tiles");
  const isAsked =
    list?.querySelector(":checked") || document.querySelector(`[name="${code.replace("_where", "")}"]:checked`);
  if (!isAsked) return;
  const picture = place.querySelector("svg") || list.parentElement.appendChild(drawn(list, code));
  for (const shape of picture.querySelectorAll("[data-place]")) {
    const isMeant = boxOf(list, shape.getAttribute("data-place"))?.checked;
    shape.setAttribute("fill-opacity", isMeant ? "0.8" : "0");
  }
}

/** @type {(list: Element, place: string | null) => HTMLInputElement | null} */
const boxOf = (list, place) => list.querySelector(`[value="${place}"]`);

/** @type {(list: Element, code: string) => SVGElement} */
function drawn(list, code) {
  const picture = made("svg", { class: "body", viewBox: body.box, "aria-hidden": "true", focusable: "false" });
  for (const d of body.outline) picture.append(made("path", { d, "stroke-opacity": "0.6" }));
  for (const place of body.asked[code]) {
    for (const d of body.places[place]) {
      const shape = made("path", { d, "data-place": place, "pointer-events": "all" });
      shape.addEventListener("click", () => boxOf(list, place)?.click());
      picture.append(shape);
    }
  }
  [say("From the front"), say("From the back")].forEach((words, n) => {
    const name = made("text", { x: body.centers[n], y: 246, "text-anchor": "middle" });
    name.textContent = words;
    picture.append(name);
  });
  return picture;
}

/** @type {(name: string, attributes: Record<string, string | number>) => SVGElement} */
function made(name, attributes) {
  const one = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, String(value));
  return one;
}
