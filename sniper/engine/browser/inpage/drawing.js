/**
 * The frames of a page whose window is minimized, and what it need not lay out in it.
 *
 * Chromium asks such a page for frames as before until it has four that nobody has shown (kUndrawnFrameLimit in
 * components/viz/service/frame_sinks/compositor_frame_sink_support.cc), and from then on for the next one a second
 * after the last.
 *
 * What it need not lay out is not shown at all (`display: none`): to look for what has the focus, or where a list
 * opens, then costs nothing. Who asks what is shown is answered as if it were, by `laidOut`. It is laid out again before
 * the press that books, and before anything that needs the focus, which nothing has meanwhile: only what is rehearsed
 * like this is done in a page like this.
 *
 * Returns {drawNoMore, leaveOut, drawAgain, spare, layOut, laidOut}.
 */
({ now }) => {
  const UNDRAWN = 4;
  const SECOND = 1000;
  /** Longer than four frames take, and a page that is asked for none is not waited for. */
  const PATIENCE = 500;

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Of a document it is no part of, it changes nothing. */
  const unseen = new CSSStyleSheet({ disabled: true });
  /** Until when it draws the one frame a second. */
  let opening = 0;
  const without = (sheet) => document.adoptedStyleSheets.filter((one) => one !== sheet);

  const spare = () => (unseen.disabled = false);
  const layOut = () => (unseen.disabled = true);

  /** What `probe` finds in a page that is laid out. */
  function laidOut(probe) {
    if (unseen.disabled) return probe();
    layOut();
    try {
      return probe();
    } finally {
      spare();
    }
  }

  function drawAgain() {
    opening = 0;
    layOut();
    leaveOut(null);
  }

  /** What fits the CSS is not laid out, nothing where it is null. */
  function leaveOut(notLaidOut) {
    document.adoptedStyleSheets = without(unseen);
    if (notLaidOut === null) return;
    unseen.replaceSync(`${notLaidOut} { display: none !important; }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, unseen];
    spare();
  }

  async function drawNoMore(left, notLaidOut) {
    leaveOut(notLaidOut);
    await useUp(left);
  }

  /**
   * Draws as many as nobody will show. Each has to look different, by a dot that no element is needed for.
   *
   * For the `left` milliseconds from now on, up to the opening, it draws the one a second as well: a page that has
   * not drawn for a second draws at once when something changes.
   */
  async function useUp(left) {
    opening = now() + left;
    const sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const over = new Promise((resolve) => setTimeout(resolve, PATIENCE, "over"));
    for (let count = 0; count < UNDRAWN; count += 1) {
      const colour = count % 2 ? "#000" : "#fff";
      sheet.replaceSync(
        `html::after { content: ""; position: fixed; left: 0; top: 0; width: 1px; height: 1px; background: ${colour}; pointer-events: none; }`,
      );
      if ((await Promise.race([frame(), over])) === "over") break;
    }
    document.adoptedStyleSheets = without(sheet);
    const drawn = () => {
      if (now() + SECOND < opening) requestAnimationFrame(drawn);
    };
    drawn();
  }

  return { drawNoMore, leaveOut, drawAgain, spare, layOut, laidOut };
}
