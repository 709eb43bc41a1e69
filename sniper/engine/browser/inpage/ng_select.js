/**
 * Chooses an option of an ng-select by its exact text, by the DOM contract that holds from version 9 to 24.
 *
 * The panel opens on mousedown, options are taken on click, and the library never asks whether an event came
 * from a hand. Which panel belongs to this select is told by aria-controls (aria-owns up to 13) only: another
 * select's panel may still be open, and with appendTo the panel stands elsewhere in the document. docs/ng-select.md
 * tells how it decides, and on what it was tried.
 *
 * Where the row is there as soon as the panel is, nothing is waited for and no layout is asked for.
 *
 * Argument: the ng-select element, and {option, timeout} (milliseconds).
 * Returns {result, seen}: result is "chosen", "already", "disabled", "absent" or "unproven", seen are the texts
 * that were on offer (at most 20), for the message.
 */
async (element, { option: asked, timeout }) => {
  /** How long a list that is there has to stay as it is until what it lacks is absent. */
  const QUIET = 250;
  /** The same where the library's release does not tell whether somebody else answers a search. */
  const QUIET_UNSURE = 500;
  /** How long an answer to a search may take that shows no sign of being on its way. */
  const ANSWER = 2000;
  /** How long a list may be empty that shows no sign of being on its way. */
  const LATE = 2500;
  /** How long a select may be disabled: some are until their list is there. */
  const DISABLED = 500;

  const deadline = performance.now() + timeout;
  const left = () => deadline - performance.now();
  const tidy = (text) => text.replace(/\s+/g, " ").trim().normalize();
  const folded = (node) => tidy(node.textContent ?? "");
  const option = tidy(asked);

  const host = element.matches("ng-select") ? element : (element.querySelector("ng-select") ?? element);
  // What a template shows may hold inputs of its own.
  const input = host.querySelector(".ng-input input");
  const owners = [input, host.querySelector(".ng-input"), host].filter(Boolean);
  const isOpen = () =>
    owners.find((node) => node.hasAttribute("aria-expanded"))?.getAttribute("aria-expanded") === "true";
  const panel = () => {
    for (const node of owners) {
      const id = node.getAttribute("aria-controls") || node.getAttribute("aria-owns");
      if (!id) continue;
      const list = host.getRootNode().getElementById?.(id) ?? document.getElementById(id);
      return list?.closest("ng-dropdown-panel") ?? list;
    }
    return null;
  };
  const isDisabled = () => input?.disabled || host.classList.contains("ng-select-disabled");
  const isLoading = () => host.querySelector(".ng-spinner-loader") !== null;
  const isVirtual = () => panel()?.querySelector(".total-padding") != null;
  /** Whether a list that is empty may be so until something is typed; else it is waited for before. */
  const comesByTyping = () => canSearch() && (isTypeahead || isVirtual());
  const canSearch = () => input && !input.readOnly && !input.disabled;
  // 15.2 to 20.0 put every class on every select: there its classes say nothing.
  const isUnsure = !isOpen() && host.classList.contains("ng-select-opened");
  const isTypeahead = host.classList.contains("ng-select-typeahead");

  // -- finding the row

  // Rows without an id are messages: "No items found", "Loading…", "Type to search", "Add item".
  const drawn = (kind) => [...(panel()?.querySelectorAll(`.ng-dropdown-panel-items ${kind}[id]`) ?? [])];
  const rows = () => drawn(".ng-option");
  const groups = () => drawn(".ng-optgroup").filter((group) => !group.classList.contains("ng-option-disabled"));
  const texts = () => rows().map(folded);

  /**
   * The texts a template made of one thing: of every element within, and what stands bare between elements. Each
   * with its place, by which the same text of one row is told from that of another. What a search highlights is a
   * part of a text, never a text of its own.
   */
  const partsOf = (node, place = "") => {
    const parts = [];
    let bare = "";
    const count = {};
    const take = () => {
      if (tidy(bare)) parts.push({ place: `${place}/#${(count.bare = (count.bare ?? 0) + 1)}`, text: tidy(bare) });
      bare = "";
    };
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE || child.classList?.contains("highlighted")) bare += child.textContent;
      if (child.nodeType !== Node.ELEMENT_NODE || child.classList.contains("highlighted")) continue;
      take();
      if (child.classList.contains("ng-value-icon")) continue;
      const tag = child.localName;
      const at = `${place}/${tag}${(count[tag] = (count[tag] ?? 0) + 1)}`;
      parts.push(...partsOf(child, at));
      if (child.querySelector(":not(.highlighted)")) parts.push({ place: at, text: folded(child) });
    }
    take();
    return parts;
  };
  /**
   * The place at which rows have their name: the first one that all of them fill, and not all with the same text.
   * Kept from the longest list seen, since a search may leave one row only.
   */
  let named = { among: 1, place: undefined };
  const byPart = (list) => {
    const parts = new Map(list.map((row) => [row, partsOf(row)]));
    if (list.length > named.among) {
      const at = (row, place) => parts.get(row).find((part) => part.place === place)?.text;
      const place = parts.get(list[0]).find(
        (part) =>
          list.every((row) => at(row, part.place)) && list.some((row) => at(row, part.place) !== part.text),
      )?.place;
      named = { among: list.length, place };
    }
    const having = list.filter((row) => parts.get(row).some(({ text }) => text === option));
    const first = having.find((row) =>
      parts.get(row).some(({ place, text }) => place === named.place && text === option),
    );
    // Where the name is elsewhere, a text that several rows have ("2 left") names none of them.
    return first ?? (having.length === 1 ? having[0] : undefined);
  };
  const among = (list) => list.find((row) => folded(row) === option) ?? byPart(list);
  const wanted = () => among(rows()) ?? among(groups());
  const isSelected = (row) => row.classList.contains("ng-option-selected");
  const isOff = (row) => row.classList.contains("ng-option-disabled") || row.getAttribute("aria-disabled") === "true";

  // -- what the select shows

  const values = () => [...host.querySelectorAll(".ng-value")];
  const shows = () =>
    values().some((value) => {
      const label = value.querySelector(".ng-value-label");
      return label ? folded(label) === option : folded(value) === option;
    });
  const showsInPart = () => values().some((value) => partsOf(value).some(({ text }) => text === option));
  const shown = () => host.querySelector(".ng-value-container")?.textContent;

  // -- waiting

  /**
   * Resolves with what `probe` finds, looked for at every change of the document; undefined when neither the select
   * nor its panel has changed for `patience()` milliseconds, asked anew each time. At most for `most` milliseconds
   * where nothing says that more is to come. Time in which the page had no say is not counted: on a machine that is
   * busy with many pages the list is late as well.
   */
  const watch = (probe, patience, most = LATE) =>
    new Promise((resolve) => {
      const first = probe();
      if (first) return resolve(first);
      const slice = 50;
      let last = performance.now();
      let waited = 0;
      let quiet = 0;
      let timer;
      const finish = (value) => {
        observer.disconnect();
        clearTimeout(timer);
        resolve(value || undefined);
      };
      const observer = new MutationObserver((records) => {
        const now = probe();
        if (now || !host.isConnected) return finish(now);
        const list = panel();
        if (records.some(({ target }) => host.contains(target) || list?.contains(target))) quiet = 0;
      });
      const wait = () => {
        const spent = Math.min(performance.now() - last, 2 * slice);
        last = performance.now();
        waited += spent;
        quiet += spent;
        const isOver = !isLoading() && (quiet >= patience() || waited >= most);
        if (isOver || left() <= 0) finish(probe());
        else timer = setTimeout(wait, Math.max(Math.min(slice, left()), 0));
      };
      for (const root of new Set([document, host.getRootNode()]))
        observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
      wait();
    });
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  // No frames are drawn in a window that is hidden.
  const frame = () => new Promise((resolve) => [requestAnimationFrame(resolve), setTimeout(resolve, 100)]);

  // -- acting

  const mouse = (kind, node) =>
    node.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, composed: true, view: window }));
  const open = () => isOpen() || mouse("mousedown", host.querySelector(".ng-select-container"));
  const type = (text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  };
  const close = async () => {
    if (!isOpen()) return;
    // On its arrow: elsewhere a mousedown opens a searchable select, whether it is open or not.
    mouse("mousedown", host.querySelector(".ng-arrow-wrapper") ?? host.querySelector(".ng-select-container"));
    // Without bubbling: a dialog around it would take the Escape for its own.
    if (isOpen()) host.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", keyCode: 27, cancelable: true }));
    if (isOpen()) await watch(() => !isOpen(), () => 500);
  };

  /**
   * Goes through a virtual-scrolled list, whose rows come into the document some frames after it was scrolled to
   * them. The panel scrolls by itself to what is selected, once it is drawn, and grows after a search is taken back.
   */
  const scrolledTo = async () => {
    const scroller = panel()?.querySelector(".ng-dropdown-panel-items");
    if (!scroller) return undefined;
    const edges = () => {
      const all = [...scroller.querySelectorAll(".ng-option, .ng-optgroup")].map((el) => el.getBoundingClientRect());
      return { top: all[0]?.top ?? 0, bottom: all.at(-1)?.bottom ?? 0, box: scroller.getBoundingClientRect() };
    };
    const isDrawn = () => {
      const { top, bottom, box } = edges();
      return top <= box.top + 2 && bottom >= Math.min(box.bottom, box.top + scroller.scrollHeight) - 2;
    };
    const isAtEnd = () => scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
    /** Until the rows at `top` are there, and for `still` frames more. */
    const drawnAt = async (top, still) => {
      const since = performance.now();
      for (let frames = 0; frames < still && left() > 0; ) {
        scroller.scrollTop = top;
        await frame();
        if (wanted()) return;
        frames = isDrawn() || performance.now() - since > 500 ? frames + 1 : 0;
      }
    };
    await drawnAt(0, 3);
    while (!wanted() && left() > 0) {
      if (isAtEnd()) await drawnAt(scroller.scrollTop, 3);
      if (wanted() || isAtEnd()) break;
      const { bottom, box } = edges();
      await drawnAt(scroller.scrollTop + Math.max(bottom - box.top, scroller.clientHeight * 0.8, 1), 1);
    }
    return wanted();
  };
  /** Some lists are given more rows whenever their end comes into view. */
  const extended = async () => {
    const scroller = panel()?.querySelector(".ng-dropdown-panel-items");
    let patience = QUIET;
    while (scroller && scroller.scrollHeight > scroller.clientHeight + 1 && left() > 0) {
      const before = rows().length;
      scroller.scrollTop = scroller.scrollHeight;
      const more = await watch(() => wanted() || rows().length > before, () => patience);
      if (!more || wanted()) break;
      patience = ANSWER;
    }
    return wanted();
  };

  const written = input?.value;
  const offered = new Set();
  const note = () => texts().forEach((text) => offered.add(text));

  /** The row, by typing its text; the search is taken back where it finds nothing. */
  const searched = async () => {
    const before = texts().join("\n");
    let hasLoaded = false;
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    type(option);
    /** Whether the select has answered by itself. */
    const isFiltered = () => before && texts().every((text) => plain(text).includes(plain(option)));
    /** Whether somebody else has. */
    const isAnswered = () => hasLoaded || (rows().length && texts().join("\n") !== before);
    const patience = () => {
      if (!before && !rows().length) return hasLoaded || !comesByTyping() ? QUIET : ANSWER;
      if (isUnsure) return isFiltered() ? QUIET_UNSURE : ANSWER;
      return !isTypeahead || isAnswered() ? QUIET : ANSWER;
    };
    await watch(() => {
      hasLoaded ||= isLoading();
      return wanted();
    }, patience);
    // Asked anew: what the list was drawn with before it was filtered may be gone by now.
    if (wanted()) return wanted();
    note();
    // The search may go by other words than those that are shown.
    type(written);
    await turn();
    if (!isTypeahead || isUnsure) await watch(() => wanted() || texts().join("\n") === before, () => QUIET);
    return wanted();
  };

  /** The row, where the panel did not have it as it opened. */
  const lookedFor = async () => {
    if (!rows().length && !comesByTyping()) await watch(() => rows().length, () => LATE);
    note();
    return (
      wanted() ??
      (canSearch() ? await searched() : undefined) ??
      (isVirtual() ? await scrolledTo() : undefined) ??
      (isVirtual() || canSearch() ? undefined : await watch(wanted, () => (rows().length ? QUIET : 0))) ??
      (isVirtual() ? undefined : await extended())
    );
  };

  /** Whether the panel, opened once more, has the row as selected; undefined where it does not open. */
  const panelProves = async () => {
    if (!isOpen()) await turn();
    if (shows()) return true;
    if (!host.isConnected || isDisabled()) return undefined;
    open();
    const selected = () => [...rows(), ...groups()].some((row) => isSelected(row) && among([row]) === row);
    // A virtual-scrolled list is scrolled to what is selected, some frames later.
    const proven = await watch(selected, () => (isVirtual() ? QUIET : 50));
    const hasList = rows().length > 0;
    await close();
    return proven ?? (hasList ? false : undefined);
  };

  const ended = async (result) => {
    note();
    await close();
    return { result, seen: [...offered].slice(0, 20) };
  };

  if (shows()) return { result: "already", seen: [] };
  if (!isOpen() && isDisabled()) {
    await watch(() => !isDisabled(), () => DISABLED);
    if (isDisabled()) return { result: "disabled", seen: [] };
  }
  open();
  // Looked up once more after each wait: a list that is drawn, filtered or scrolled may have lost the row again, or
  // use it for another option by now.
  let row = wanted();
  while (!row && left() > 0 && (await lookedFor())) row = wanted();
  if (row && isOff(row)) {
    // That a list is being loaded anew is drawn a turn after it was opened, where no zone sees to it.
    await turn();
    if (!isLoading()) return ended("disabled");
    await watch(() => wanted() && (!isLoading() || !isOff(wanted())), () => QUIET);
    row = wanted();
    while (!row && left() > 0 && (await lookedFor())) row = wanted();
  }
  if (!row) return ended(host.isConnected ? "absent" : "unproven");
  if (isOff(row)) return ended("disabled");
  if (isSelected(row)) {
    await close();
    return { result: "already", seen: [] };
  }

  const before = { inPart: showsInPart(), text: shown() };
  mouse("click", row);
  const isProven = () => shows() || (!before.inPart && showsInPart());
  if (!isProven()) {
    // Several may be taken one after the other from a panel that stays.
    const stays = () => isProven() || (isOpen() && wanted() && isSelected(wanted()));
    if (isOpen()) await watch(stays, () => QUIET);
    // What shows something else than the text of the option is asked whether it is the selected one.
    const proof = stays() || ((await panelProves()) ?? shown() !== before.text);
    if (!proof) return ended("unproven");
  }
  await close();
  return { result: "chosen", seen: [] };
}
