/**
 * Fires an attempt from inside the page: from the opening on, no call from outside stands before the request.
 *
 * Runs in every document of the context before the site's own scripts, so that it hears what they ask for.
 * Playwright then calls, through window[Symbol.for("sniper")],
 *   now()               the page's clock: milliseconds since 1970, monotonic within a document;
 *   arm(plan)           hands over what compile.py made of the profile, and returns at once;
 *   rehearse(plan)      practises steps that book nothing;
 *   drawNoMore(left, notLaidOut)
 *                       its window is minimized, and from here on it draws a frame a second at most, the last of them
 *                       shortly before the opening, which is so many milliseconds away; what fits the CSS, null where
 *                       nothing does, is not laid out up to the press;
 *   leaveOut(css)       the same without a word on frames;
 *   drawAgain()         it is laid out again;
 *   aim(at)             a better reading of the instant to fire at, or another one;
 *   standDown(targets)  these slots of the chain, by their places in it, are not needed any more;
 *   disarm()            nothing is fired any more; returns what was noted and not told yet;
 *   underWay()          the number of the plan that is being carried out, or null;
 *   carryOut(step, id), firstShown(selectors, within)
 *                       for the time before and after it: guiding.js.
 * What comes of it goes out through the binding `sniperReport`, which nothing here waits for but a page that was
 * loaded anew, and that not for long: it asks whether its attempt is still wanted, and which slots are not needed any
 * more.
 *
 * Argument: the functions of the other files of this folder, by their names.
 */
({ timing, drawing, hearing, piercing, looking, hand, keys, guiding, acting, judging, attempting, rehearsing, ng_select, native_select }) => {
  const KEY = Symbol.for("sniper");
  if (window !== window.top || window[KEY]) return;

  const STORED = "sniper.attempt";
  /** Nobody outside may keep a page from going on that was loaded anew. */
  const ASKED_WITHIN = 1000;
  /** The attempt was called off. */
  class Halted extends Error {}

  let current = null;
  const unwanted = new Set();

  const clock = timing();
  const view = drawing(clock);
  const ears = hearing(clock);
  const roots = piercing();
  const eyes = looking(roots, view);
  const own = hand();
  const acts = { ...own, ...keys(roots), chooseOption: ng_select, chooseNative: native_select };
  const hands = acting(clock, view, ears, eyes, acts);
  const judge = judging(ears, eyes);
  const { attempt } = attempting(clock, view, ears, hands, judge, unwanted);
  const { rehearse, practiseOnceMore, connectAnew, wakeUp } = rehearsing(clock, ears, hands);

  function begin(plan, state) {
    const run = {
      plan,
      state,
      isPress: false,
      trial: null,
      go() {
        if (current !== run) throw new Halted();
        if (!run.isPress) return;
        if (unwanted.has(state.target)) throw new hands.StepFailed("stood_down", "");
        // An answer to what came before the press may say that there is nothing to press for.
        if (run.trial?.settled()) throw new hands.StepFailed("failed", "answered already");
      },
      act() {
        run.go();
        if (!run.isPress) return;
        view.layOut();
        run.trial?.press();
      },
      leave(to) {
        const kept = { plan, state: { ...state, step: state.step + 1 }, unwanted: [...unwanted] };
        sessionStorage.setItem(STORED, JSON.stringify(kept));
        if (to === null) location.reload();
        else {
          const [before] = location.href.split("#");
          location.assign(plan.base + to);
          // Where only what stands behind the # differs, nothing is loaded.
          const [after] = new URL(plan.base + to).href.split("#");
          if (to.includes("#") && after === before) location.reload();
        }
        return new Promise(() => {});
      },
      mark: (mark, detail = "", at = clock.now()) => state.timeline.push({ at, mark, target: state.target, detail }),
      tell: (kind, more) => window.sniperReport({ id: plan.id, kind, timeline: state.timeline.splice(0), ...more }),
    };
    current = run;
    return run;
  }

  async function play(run) {
    let failure = null;
    let last = null;
    try {
      if (run.state.phase === "wait") {
        if (run.plan.rehearsals.length) await practiseOnceMore(run);
        else await connectAnew(run);
        if (run.plan.wakes) await wakeUp(run);
      }
      last = await attempt(run);
    } catch (error) {
      if (error instanceof Halted) return;
      failure = String(error?.message ?? error).split("\n")[0];
    }
    if (current === run) current = null;
    run.tell("end", { failure, try: last });
  }

  Object.defineProperty(window, KEY, {
    value: Object.freeze({
      now: clock.now,
      arm(plan) {
        unwanted.clear();
        plan.unwanted.forEach((target) => unwanted.add(target));
        const { next_press, left_alone_until, targets } = plan;
        const begun = targets[0].first ? 0 : null;
        const state = { phase: "wait", target: 0, begun, step: 0, presses: 0, next_press, left_alone_until };
        play(begin(plan, { ...state, timeline: [] }));
      },
      rehearse,
      // What comes too late for it is laid out: its press may be out already.
      drawNoMore: (left, css) => view.drawNoMore(left, current && current.state.phase !== "wait" ? null : css),
      leaveOut: view.leaveOut,
      drawAgain: view.drawAgain,
      aim(at) {
        if (current) current.plan.at = at;
        clock.lookAgain();
      },
      standDown: (targets) => targets.forEach((target) => unwanted.add(target)),
      disarm() {
        const untold = current?.state.timeline.splice(0) ?? [];
        current = null;
        return untold;
      },
      underWay: () => current?.plan.id ?? null,
      ...guiding(clock, roots, eyes, hands, own, window.sniperHand),
    }),
  });

  /** The attempt that a reload interrupted on purpose. */
  function interrupted() {
    try {
      const kept = sessionStorage.getItem(STORED);
      sessionStorage.removeItem(STORED);
      return kept && JSON.parse(kept);
    } catch {
      return null; // Documents without an origin have no storage.
    }
  }
  const kept = interrupted();
  if (kept) {
    const run = begin(kept.plan, kept.state);
    kept.unwanted.forEach((target) => unwanted.add(target));
    const parsed = new Promise((resolve) =>
      document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", resolve) : resolve(),
    );
    const told = window.sniperReport({ id: kept.plan.id, kind: "resumed", timeline: [] }).then((targets) => {
      if (current !== run) return;
      if (targets === null) current = null;
      else targets.forEach((target) => unwanted.add(target));
    });
    Promise.all([Promise.race([told, clock.nap(ASKED_WITHIN)]), parsed]).then(() => current === run && play(run));
  }
}
