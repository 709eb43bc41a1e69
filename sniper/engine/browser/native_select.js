/**
 * Chooses an option of a native <select> by its exact text.
 *
 * Argument and result are those of ng_select.js. Where the option is not there yet, the list may still be on its
 * way: it is waited for half a second.
 */
async (field, { option, timeout }) => {
  const folded = (node) => (node.textContent ?? "").replace(/\s+/g, " ").trim();
  const wanted = () => [...field.options].find((one) => folded(one) === option);
  const seen = () => [...field.options].map(folded).slice(0, 20);

  const found =
    wanted() ??
    (await new Promise((resolve) => {
      const observer = new MutationObserver(() => wanted() && finish());
      const finish = () => {
        observer.disconnect();
        clearTimeout(timer);
        resolve(wanted());
      };
      const timer = setTimeout(finish, Math.min(timeout, 500));
      observer.observe(field, { subtree: true, childList: true, characterData: true });
    }));
  if (!found) return { result: "absent", seen: seen() };
  if (field.disabled || found.disabled || found.closest("optgroup")?.disabled) return { result: "disabled", seen: seen() };
  if (found.selected && !field.multiple) return { result: "already", seen: [] };
  found.selected = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return found.selected ? { result: "chosen", seen: [] } : { result: "unproven", seen: seen() };
}
