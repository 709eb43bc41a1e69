/**
 * What a person's hand does to one element, as the events that come of it. Both engine modes press and fill by it.
 *
 * Returns {pressed, isTyped, setValue, changed, isTicked}.
 */
() => {
  const isTyped = (el) => el.matches("input, textarea, select, [contenteditable]");

  function pressed(el) {
    const about = { bubbles: true, cancelable: true, composed: true, button: 0, view: window };
    const pointer = { ...about, pointerType: "mouse", isPrimary: true };
    el.dispatchEvent(new PointerEvent("pointerdown", pointer));
    el.dispatchEvent(new MouseEvent("mousedown", about));
    // Only where one types: to find out whether a button may have the focus lays the whole page out, and there
    // are browsers in which a click does not give it to buttons.
    if (isTyped(el)) el.focus({ preventScroll: true });
    el.dispatchEvent(new PointerEvent("pointerup", pointer));
    el.dispatchEvent(new MouseEvent("mouseup", about));
    el.click();
  }

  function setValue(field, value) {
    if (field.isContentEditable) field.textContent = value;
    else {
      const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
      // The prototype's setter is the one a person's hand uses: frameworks put their own before it.
      Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    }
    field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    changed(field);
  }

  /** Nothing more is typed into it. */
  const changed = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

  /** A checkbox, its label, or what a page has made to be one. */
  function isTicked(el) {
    const box = el instanceof HTMLLabelElement ? el.control ?? el : el;
    return box.checked ?? box.getAttribute("aria-checked") === "true";
  }

  return { pressed, isTyped, setValue, changed, isTicked };
}
