/**
 * The hand of a page that is being parked. There is time for the real mouse and the real keyboard then, whose events
 * sites hold for a person's: the page finds what is meant, brings it into the window and says where it stands; who is
 * outside presses and types there.
 *
 * Its methods resolve when it has been done, `press` with false where the control was drawn anew before it was pressed.
 * `asks(what)` is told right before anything is done, resolves when what only they can do who are outside has been
 * done, and rejects where it is not wanted any more:
 *   {kind: "act"}          nothing; the page does it by itself;
 *   {kind: "press", x, y}  the mouse is pressed there;
 *   {kind: "type"}         the keyboard types the step's text into what has the focus;
 *   {kind: "text"}         nothing; resolves with the step's text.
 *
 * Returns {guided}.
 */
({ now, nap }, { isIn }, { pressed, setValue, changed }) => {
  /** A window that is not drawn has no frames. */
  const NO_FRAME = 100;
  /** The kinds of <input> that nobody can type into. */
  const CHOSEN = ["color", "date", "datetime-local", "month", "range", "time", "week"];
  const OF_A_PRESS = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];

  const frame = () => Promise.race([new Promise((resolve) => requestAnimationFrame(resolve)), nap(NO_FRAME)]);

  /** Does pressing `hit` press the control? Of a hidden box it is the label that shows, and takes the mouse. */
  const presses = (hit, control) =>
    hit instanceof Element && (isIn(hit, control) || [...(control.labels ?? [])].some((label) => isIn(hit, label)));

  function elementAt(x, y) {
    let found = document.elementFromPoint(x, y);
    for (let inner; (inner = found?.shadowRoot?.elementFromPoint(x, y)) && inner !== found; ) found = inner;
    return found;
  }

  /** The middle of the control, as far as it is in the window; null where something lies over it. */
  function middleOf(control) {
    const box = [...control.getClientRects()].find(({ width, height }) => width > 0 && height > 0);
    if (!box) return null;
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    return presses(elementAt(x, y), control) ? { x, y } : null;
  }

  /**
   * Where the mouse reaches the control, once that is the same for two frames: what moves is missed, and Chromium
   * drops what is pressed before the first frame. Null where it does not by the `end`, or is gone.
   */
  async function reached(control, end) {
    let before = null;
    while (control.isConnected) {
      await frame();
      control.scrollIntoViewIfNeeded();
      const at = middleOf(control);
      if (at && at.x === before?.x && at.y === before.y) return at;
      if (now() >= end) return null;
      before = at;
    }
    return null;
  }

  /** Has the mouse, while `press` is under way, come to the control? What it hits instead does not hear of it. */
  async function hits(control, press) {
    let has = null;
    const heard = (event) => {
      if (!event.isTrusted) return;
      has ??= presses(event.composedPath()[0], control);
      if (has) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    OF_A_PRESS.forEach((kind) => window.addEventListener(kind, heard, true));
    try {
      await press();
    } finally {
      OF_A_PRESS.forEach((kind) => window.removeEventListener(kind, heard, true));
    }
    return has === true;
  }

  const guided = (asks) => ({
    /** What the mouse does not reach in time is pressed all the same, as a keyboard would. */
    async press(control, byMouse, within) {
      const end = now() + within;
      for (let at; byMouse && (at = await reached(control, end)); )
        if (await hits(control, () => asks({ kind: "press", ...at }))) return true;
      if (!control.isConnected) return false;
      await asks({ kind: "act" });
      pressed(control);
      return true;
    },
    async type(field) {
      let typed = false;
      if (!(field instanceof HTMLInputElement && CHOSEN.includes(field.type))) {
        field.focus();
        if (field.isContentEditable) getSelection().selectAllChildren(field);
        else field.select();
        field.addEventListener("input", () => (typed = true), { once: true });
        // Else another field would have the text, which may be a password.
        if (field.getRootNode().activeElement === field) await asks({ kind: "type" });
      }
      // The browser tells of what was typed only when the focus leaves the field, which it may never do.
      if (typed) changed(field);
      else setValue(field, await asks({ kind: "text" }));
    },
    async set(field, value) {
      await asks({ kind: "act" });
      setValue(field, value);
    },
    acts: () => asks({ kind: "act" }),
  });

  return { guided };
}
