/**
 * The frames of a page whose window is minimized.
 *
 * Chromium asks such a page for frames as before until it has four that nobody has shown, and for one a second from
 * then on (kUndrawnFrameLimit in components/viz/service/frame_sinks/compositor_frame_sink_support.cc).
 *
 * Returns {useUp, drawBefore}.
 */
({ now, sleepUntil }) => {
  const UNDRAWN = 4;
  /** Longer than four frames take, and a page that is asked for none is not waited for. */
  const PATIENCE = 500;
  /** Later than what is practised last; all have fired before the next one is asked for, a second after it. */
  const BEFORE = 250;

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Draws as many as nobody will show. Each has to look different, by a dot that no element is needed for. */
  async function useUp() {
    const sheet = new CSSStyleSheet();
    const others = [...document.adoptedStyleSheets];
    document.adoptedStyleSheets = [...others, sheet];
    const over = new Promise((resolve) => setTimeout(resolve, PATIENCE, "over"));
    for (let count = 0; count < UNDRAWN; count += 1) {
      const colour = count % 2 ? "#000" : "#fff";
      sheet.replaceSync(
        `html::after { content: ""; position: fixed; left: 0; top: 0; width: 1px; height: 1px; background: ${colour}; pointer-events: none; }`,
      );
      if ((await Promise.race([frame(), over])) === "over") break;
    }
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  }

  /**
   * The one that it is asked for each second comes a moment before the opening, which is `plan.wait` before its turn,
   * and so not within the race.
   */
  async function drawBefore(run) {
    const moment = () => run.plan.at - run.plan.wait - BEFORE;
    if (moment() < now()) return;
    await sleepUntil(moment, run.go, 0);
    requestAnimationFrame(() => {});
  }

  return { useUp, drawBefore };
}
