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
  // What a search highlights is a part of a text, never a text of its own.
  const leafSays = (row) =>
    [...row.querySelectorAll(":not(.highlighted)")].some((el) => !el.children.length && folded(el) === option);
  const wanted = () => rows().find((row) => folded(row) === option) ?? rows().find(leafSays);
  const texts = () => rows().map(folded);

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
  const close = async () => {
    if (!isOpen()) return;
    // On its arrow: elsewhere a mousedown opens a searchable select, whether it is open or not.
    mousedown(host.querySelector(".ng-arrow-wrapper") ?? host.querySelector(".ng-select-container"));
    // Without bubbling: a dialog around it would take the Escape for its own.
    if (isOpen()) host.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", keyCode: 27, cancelable: true }));
    await until(() => !isOpen(), 500);
  };
  const type = (text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // No frames are drawn in a window that is hidden.
  const frame = () => new Promise((resolve) => [requestAnimationFrame(resolve), setTimeout(resolve, 100)]);
  /** Rows of a virtual-scrolled list come into the document some frames after it was scrolled to them. */
  const scrolledTo = async () => {
    const scroller = panel()?.querySelector(".ng-dropdown-panel-items");
    if (!scroller) return undefined;
    const edges = () => {
      const drawn = [...scroller.querySelectorAll(".ng-option, .ng-optgroup")].map((el) => el.getBoundingClientRect());
      return { top: drawn[0]?.top ?? 0, bottom: drawn.at(-1)?.bottom ?? 0, box: scroller.getBoundingClientRect() };
    };
    const isDrawn = ({ top, bottom, box }) =>
      top <= box.top + 2 && bottom >= Math.min(box.bottom, box.top + scroller.scrollHeight) - 2;
    scroller.scrollTop = 0;
    while (left() > 0) {
      let frames = 0;
      do await frame();
      while (!wanted() && !isDrawn(edges()) && ++frames < 10);
      const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
      if (wanted() || atEnd) break;
      const { bottom, box } = edges();
      scroller.scrollTop += Math.max(bottom - box.top, scroller.clientHeight * 0.8, 1);
    }
    return wanted();
  };

  if (shows()) return { result: "already", seen: [] };
  if (!isOpen()) mousedown(host.querySelector(".ng-select-container"));
  await until(() => panel() && (rows().length || !input?.readOnly), left());

  const offered = new Set(texts());
  let found = wanted();
  if (!found && input && !input.readOnly && !input.disabled) {
    type(option);
    found = await until(wanted, Math.min(left(), 2000));
    if (!found) {
      texts().forEach((text) => offered.add(text));
      // The search may go by other words than those that are shown.
      type("");
    }
  }
  if (!found) found = (await scrolledTo()) ?? (await until(wanted, Math.min(left(), 500)));
  // Looked up once more: a list that scrolls uses a row for one option after the other.
  const row = found && wanted();
  if (!row) {
    const seen = [...offered, ...texts().filter((text) => !offered.has(text))].slice(0, 20);
    await close();
    return { result: "absent", seen };
  }
  if (row.classList.contains("ng-option-disabled") || row.getAttribute("aria-disabled") === "true") {
    const seen = texts().slice(0, 20);
    await close();
    return { result: "disabled", seen };
  }
  if (!row.classList.contains("ng-option-selected"))
    row.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  if (await until(shows, Math.min(left(), 1000))) return { result: "chosen", seen: [] };
  const seen = texts().slice(0, 20);
  await close();
  return { result: "unproven", seen };
}
