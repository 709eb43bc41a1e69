/**
 * Chooses an option of a native <select> by its exact text.
 *
 * Argument and result are those of ng_select.js. Where the option is not there yet, or the field is still disabled,
 * the list may be on its way: it is waited for half a second. In a <select multiple> the option is added to what is
 * selected. Where an option has a label of its own, that is what the browser shows; either is its text.
 */
async (field, { option: asked, timeout }) => {
  const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim().normalize();
  const option = tidy(asked);
  const seen = () => [...field.options].map((one) => tidy(one.label)).slice(0, 20);
  const isOff = (one) => field.matches(":disabled") || one.disabled || one.closest("optgroup")?.disabled === true;
  const fitting = () => [...field.options].filter((one) => [tidy(one.label), tidy(one.textContent)].includes(option));
  const wanted = () => fitting().find((one) => one.selected) ?? fitting()[0];
  /** Of a field that is disabled nothing is had, whatever it lists. */
  const isReady = () => wanted() && !field.matches(":disabled");

  if (!isReady() && !wanted()?.selected)
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => isReady() && finish());
      const finish = () => {
        observer.disconnect();
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(finish, Math.min(timeout, 500));
      // Its list may come into it, and a <fieldset> around it may be what disables it.
      observer.observe(field.getRootNode(), { subtree: true, childList: true, characterData: true, attributes: true });
    });
  const found = wanted();
  if (!found) return { result: "absent", seen: seen() };
  if (found.selected) return { result: "already", seen: [] };
  if (isOff(found)) return { result: "disabled", seen: seen() };
  found.selected = true;
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  // Looked up once more: the page may have drawn the list anew, or taken the choice back.
  return wanted()?.selected ? { result: "chosen", seen: [] } : { result: "unproven", seen: seen() };
}
