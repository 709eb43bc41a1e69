/**
 * Chooses an option of an ng-select by its exact text, by the DOM contract that holds from version 9 to 24.
 *
 * The panel opens on mousedown, options are taken on click, and the library never asks whether an event came
 * from a hand. Which panel belongs to this select is told by aria-controls (aria-owns up to 13) only: another
 * select's panel may still be open, and with appendTo the panel stands elsewhere in the document.
 *
 * Argument: the ng-select element, and {option, timeout} (milliseconds).
 * Returns {result, seen}: result is "chosen", "already", "disabled", "absent" or "unproven", seen are the texts
 * that were on offer (at most 20), for the message.
 */
async (host, { option, timeout }) => {
  const deadline = performance.now() + timeout;
  const folded = (node) => (node.textContent ?? "").replace(/\s+/g, " ").trim();
  const input = host.querySelector("input");

  const combobox = () =>
    [input, host.querySelector(".ng-input"), host].find((node) => node?.hasAttribute("aria-expanded"));
  const isOpen = () => combobox()?.getAttribute("aria-expanded") === "true";
  const panel = () => {
    const owner = [input, host.querySelector(".ng-input"), host].find(
      (node) => node?.getAttribute("aria-controls") || node?.getAttribute("aria-owns"),
    );
    const id = owner?.getAttribute("aria-controls") || owner?.getAttribute("aria-owns");
    const list = id ? document.getElementById(id) : null;
    return list?.closest("ng-dropdown-panel") ?? list;
  };

  // Rows without an id are messages: "No items found", "Loading…", "Type to search".
  const rows = () => [...(panel()?.querySelectorAll(".ng-option[id]") ?? [])];
  const leafSays = (row) => [...row.querySelectorAll("*")].some((el) => !el.children.length && folded(el) === option);
  const wanted = () => rows().find((row) => folded(row) === option) ?? rows().find(leafSays);
  const seen = () => rows().slice(0, 20).map(folded);

  const shows = () =>
    [...host.querySelectorAll(".ng-value")].some(
      (value) => [value, ...value.querySelectorAll("*")].some((node) => folded(node) === option),
    );

  /** Waits until `probe` gives something, looking again only when the document changes. */
  const until = (probe, milliseconds) =>
    new Promise((resolve) => {
      const found = probe();
      if (found) return resolve(found);
      const observer = new MutationObserver(() => {
        const now = probe();
        if (now) finish(now);
      });
      const timer = setTimeout(() => finish(probe()), Math.max(0, milliseconds));
      const finish = (value) => {
        observer.disconnect();
        clearTimeout(timer);
        resolve(value);
      };
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    });
  const left = () => deadline - performance.now();
  const mousedown = (node) =>
    node.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, button: 0 }));
  const close = () => {
    if (isOpen()) mousedown(host.querySelector(".ng-select-container"));
  };
  const type = (text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  /** Rows of a virtual-scrolled list come into the document a frame after it was scrolled to them. */
  const scrolledTo = async () => {
    const scroller = panel()?.querySelector(".ng-dropdown-panel-items");
    if (!scroller) return undefined;
    scroller.scrollTop = 0;
    while (left() > 0) {
      await new Promise(requestAnimationFrame);
      const row = wanted();
      const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
      if (row || atEnd) return row;
      scroller.scrollTop += Math.max(1, scroller.clientHeight * 0.8);
    }
    return undefined;
  };

  if (shows()) return { result: "already", seen: [] };
  if (!isOpen()) mousedown(host.querySelector(".ng-select-container"));
  await until(() => panel() && (rows().length || !input?.readOnly), left());

  let row = wanted();
  if (!row && input && !input.readOnly && !input.disabled) {
    type(option);
    row = await until(wanted, Math.min(left(), 2000));
  }
  row ??= (await scrolledTo()) ?? (await until(wanted, Math.min(left(), 500)));
  if (!row) {
    const offered = seen();
    close();
    return { result: "absent", seen: offered };
  }
  if (row.classList.contains("ng-option-disabled") || row.getAttribute("aria-disabled") === "true") {
    const offered = seen();
    close();
    return { result: "disabled", seen: offered };
  }
  if (!row.classList.contains("ng-option-selected"))
    row.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  const proven = await until(shows, Math.min(left(), 1000));
  return { result: proven ? "chosen" : "unproven", seen: proven ? [] : seen() };
}
