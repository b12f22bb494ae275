// Taps that belong together: what one of them takes back.

/** A list item that is closed again takes its answer back; tapping an item takes back "None of these". */
export function untick(form, input) {
  if (input.name.startsWith("open_") && !input.checked) {
    for (const radio of input.closest(".item").querySelectorAll('.more input[type="radio"]')) radio.checked = false;
  }
  const item = input.closest(".items .item");
  if (item && input.checked) {
    const none = item.closest(".question")?.querySelector(":scope > fieldset > .none input, .tile-none input");
    if (none) none.checked = false;
  }
  if (input.name === "pain_meds" && input.checked) {
    for (const other of form.querySelectorAll('[name="pain_meds"]')) {
      if ((input.value === "none") !== (other.value === "none")) other.checked = false;
    }
  }
}
