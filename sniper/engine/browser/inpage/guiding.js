/**
 * Carries out the steps of a page that is being parked. There is time for the real mouse and the real keyboard then,
 * whose events sites hold for a person's: the page finds what is meant, brings it into the window and says where it
 * stands; who is outside presses and types there. `ask({id, kind, …})` tells them so right before anything is done,
 * and resolves when it has been done, with null where the step of that id is not wanted any more:
 *   {kind: "act"}          nothing; the page does it by itself;
 *   {kind: "press", x, y}  the mouse is pressed there;
 *   {kind: "type"}         the keyboard types the step's text into what has the focus;
 *   {kind: "text"}         nothing; resolves with the step's text.
 *
 * Returns {carryOut, firstShown}.
 */
({ now, nap }, { isIn }, { until, seen, lookAgain }, { StepFailed, perform }, { pressed, setValue, changed }, ask) => {
  /** What changes and is no mutation of the document is seen as often. While a page fires, nothing of this is done. */
  const GLANCE = 200;
  /** A window that is not drawn has no frames. */
  const NO_FRAME = 100;
  /** Of a press that nobody hears of, the page may have stopped the events before they came to us. */
  const TRIES_UNHEARD = 3;
  const OF_A_PRESS = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];
  /** The kinds of <input> that nobody can type into. */
  const CHOSEN = ["color", "date", "datetime-local", "month", "range", "time", "week"];

  const frame = () => Promise.race([new Promise((resolve) => requestAnimationFrame(resolve)), nap(NO_FRAME)]);

  async function glancing(work) {
    const glances = setInterval(lookAgain, GLANCE);
    try {
      return await work();
    } finally {
      clearInterval(glances);
    }
  }

  // -- where the mouse presses

  /** Does pressing `hit` press the control? Of a hidden box it is the label that shows, but for a link in its text. */
  const presses = (hit, control) =>
    hit instanceof Element &&
    (isIn(hit, control) || (!hit.closest("a, button") && [...(control.labels ?? [])].some((label) => isIn(hit, label))));

  function elementAt(x, y) {
    let found = document.elementFromPoint(x, y);
    for (let inner; (inner = found?.shadowRoot?.elementFromPoint(x, y)) && inner !== found; ) found = inner;
    return found;
  }

  /** The boxes that show it; of an element that has none itself, those of what is in it. */
  function boxesOf(control) {
    const own = [...control.getClientRects()];
    if (own.length) return own;
    const content = document.createRange();
    content.selectNodeContents(control);
    return [...content.getClientRects()];
  }

  const common = (a, b) => ({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  /** What shows of all that is in an element: what goes beyond the boxes around it may be cut off. */
  function shownPart(control) {
    let part = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (let one = control.parentElement; one && one !== document.documentElement; one = one.parentElement)
      if (getComputedStyle(one).overflow !== "visible") part = common(part, one.getBoundingClientRect());
    return part;
  }

  /** The middle of the control, as far as it shows; null where it does not, or something lies over it. */
  function middleOf(control) {
    const part = shownPart(control);
    for (const box of boxesOf(control)) {
      const { left, top, right, bottom } = common(box, part);
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      if (right > left && bottom > top && presses(elementAt(x, y), control)) return { x, y };
    }
    return null;
  }

  /**
   * The control and where the mouse reaches it, once that is the same for two frames: what moves is missed, and
   * Chromium drops what is pressed before the first frame. Null where it cannot be reached by the `end`.
   */
  async function reached(find, end, go) {
    // What lies over it may be fixed to one edge of the window.
    const places = ["center", "end", "start"];
    let before = null;
    for (;;) {
      await frame();
      go();
      const control = find();
      const at = control ? { control, ...middleOf(control) } : null;
      if (at && at.x !== undefined && at.control === before?.control && at.x === before.x && at.y === before.y) return at;
      if (now() >= end) return null;
      if (at && at.x === undefined) {
        control.scrollIntoView({ block: places[0], inline: "center", behavior: "instant" });
        places.push(places.shift());
      }
      before = at;
    }
  }

  /** Has the mouse, by `press`, come to the control? What it hits instead hears nothing. Null where nobody heard. */
  async function hits(control, press) {
    let has = null;
    const heard = (event) => {
      if (!event.isTrusted) return;
      has ??= presses(event.composedPath()[0], control);
      if (!has) stop(event);
    };
    await hearing(OF_A_PRESS, heard, press);
    return has;
  }

  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  async function hearing(kinds, heard, work) {
    kinds.forEach((kind) => window.addEventListener(kind, heard, true));
    try {
      await work();
    } finally {
      kinds.forEach((kind) => window.removeEventListener(kind, heard, true));
    }
  }

  // -- the hand

  /** `asks` as `ask`, for one step, and `go` throws where that is not wanted any more. */
  const guided = (asks, go) => ({
    /** What the mouse does not reach in time is pressed all the same, as a keyboard would. */
    async press(_control, find, byMouse, end) {
      let unheard = 0;
      for (let at; byMouse && (at = await reached(find, end, go)); ) {
        const hit = await hits(at.control, () => asks({ kind: "press", x: at.x, y: at.y }));
        if (hit === null) unheard += 1;
        if (hit || unheard === TRIES_UNHEARD) return at.control;
      }
      await asks({ kind: "act" });
      const control = find();
      if (control) pressed(control);
      return control;
    },
    async type(found) {
      const field = found instanceof HTMLLabelElement ? (found.control ?? found) : found;
      let typed = false;
      const heard = (event) => {
        if (!isIn(event.composedPath()[0], field)) stop(event);
        else if (event.type === "input") typed = true;
      };
      if (!(field instanceof HTMLInputElement && CHOSEN.includes(field.type))) {
        field.focus();
        if (field.isContentEditable) getSelection().selectAllChildren(field);
        else field.select();
        // Another field that has the focus by then must not have the text, which may be a password.
        await hearing(["beforeinput", "input"], heard, () => asks({ kind: "type" }));
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

  // -- steps

  /** The step that is under way; one that is begun ends the one before it. */
  let current = null;

  /** What is done after a press that has the page go elsewhere belongs to the page that comes: it is waited for. */
  async function stayed(work, within) {
    let leaves = false;
    let settle;
    const settled = new Promise((resolve) => (settle = resolve));
    const heard = ({ type, destination, downloadRequest }) => {
      leaves = type === "navigate" && !destination.sameDocument && downloadRequest === null;
      if (!leaves) settle();
    };
    const kinds = ["navigate", "navigatesuccess", "navigateerror"];
    kinds.forEach((kind) => navigation.addEventListener(kind, heard));
    try {
      await work();
      await nap(0); // Forms are sent in a task of their own.
      if (leaves) await Promise.race([settled, nap(within)]);
    } finally {
      kinds.forEach((kind) => navigation.removeEventListener(kind, heard));
    }
  }

  /** Does one step, which books nothing. Resolves with null, or with what went wrong. */
  async function carryOut(step, id) {
    current = id;
    const unwanted = () => new StepFailed("failed", "it is not wanted any more");
    const go = () => {
      if (current !== id) throw unwanted();
    };
    const asks = async (what) => {
      go();
      const answer = await ask({ id, ...what });
      if (answer === null) throw unwanted();
      return answer;
    };
    const run = { state: { step: 0 }, go, act: go, hand: guided(asks, go) };
    try {
      await glancing(() => stayed(() => perform(run, [step]), step.timeout));
      return null;
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return { outcome: error.outcome, message: error.message };
    }
  }

  /** Which of the selectors is shown first, and what can be read there; null where none is in time. */
  async function firstShown(selectors, within) {
    const look = () => {
      for (const [place, one] of selectors.entries()) {
        const el = seen(one);
        if (el) return { place, text: (el.innerText ?? el.textContent).replace(/\s+/g, " ").trim() };
      }
      return undefined;
    };
    return (await glancing(() => until(look, within))) ?? null;
  }

  return { carryOut, firstShown };
}
