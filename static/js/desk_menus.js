// A menu of the bar closes when the reader goes on: a press elsewhere, Escape, or another menu.
const menus = document.querySelectorAll(".top details");

function close(except) {
  for (const menu of menus) if (menu !== except) menu.open = false;
}

document.addEventListener("pointerdown", (event) => close(event.target.closest?.(".top details")));
document.addEventListener("keydown", (event) => {
  const open = [...menus].find((menu) => menu.open);
  if (event.key !== "Escape" || !open) return;
  close();
  open.querySelector("summary").focus();
});
