/**
 * Carries out a profile's steps, as compile.py put them, by the clicks and events a person's hand makes.
 *
 * Before each step `run.go()` throws when it is not wanted any more, and `run.act()` again right before it acts.
 * `run.state.step` is the step it is at, `run.isPress` whether that is the press that books, and `run.leave(to)`
 * loads the page anew, or another one of the site. `run.hand` does what is done to the elements, if it has one of its
 * own: guiding.js.
 *
 * Returns {StepFailed, perform, managed}.
 */
({ now, nap, ownTask }, { layOut, laidOut }, { listen, leftAlone }, { locate, firstReady, seen, isEnabled, until }, { pressed, isTyped, setValue, isTicked, keyPressed, chooseOption, chooseNative }) => {
  /** A step that did not work, and what that means for the try; `until` the site wants to be left alone, if it does. */
  class StepFailed extends Error {
    constructor(outcome, message, until = null) {
      super(message);
      this.outcome = outcome;
      this.until = until;
    }
  }

  /** Right before anything is done: is it wanted, and is the site not to be left alone? */
  function act(run) {
    // Of a page that is being parked they hear it outside, where the answers of others than the site do not count.
    if (!run.hand && leftAlone() > now())
      throw new StepFailed("rate_limited", "the site wants to be left alone", leftAlone());
    run.act();
  }

  /**
   * Does `act`, waits for the answer to a request whose path ends like `expect`, and lets the page show it. What
   * was asked for before does not count: its answer is of an earlier time. While it fires, both are noted: they
   * are the site's time.
   */
  async function answered({ expect, timeout }, run, act) {
    if (expect === null) return act();
    await new Promise((resolve, reject) => {
      const asked = new Set();
      const stop = listen({
        wants: ({ path }) => path.endsWith(expect),
        heard({ kind, request, status, at, until }) {
          if (kind === "sent") asked.add(request);
          if (kind === "lost" || !asked.has(request)) return;
          if (run.state.phase === "fire")
            run.mark(...(kind === "sent" ? ["asked", request.path] : ["heard", String(status)]), at);
          if (status === 429) finish(reject, new StepFailed("rate_limited", `${request.path} was answered 429`, until));
          else if (kind === "answered") finish(resolve);
        },
      });
      const timer = setTimeout(() => finish(reject, new StepFailed("failed", `no answer from ${expect} in time`)), timeout);
      const finish = (settle, value) => {
        stop();
        clearTimeout(timer);
        settle(value);
      };
      try {
        act();
      } catch (error) {
        finish(reject, error);
      }
    });
    // What the page makes of it may be put off by a timer, which is older than this one.
    await nap(0);
  }

  /**
   * What `probe` finds; nothing in the end. What was waited for comes with a change of the page, and that mostly with
   * a timer of its own: what is pressed there has the page set the next one, which waits for 4 ms if it is the sixth of
   * its kind (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timer-nesting-level). So it is pressed
   * in a task of our own, if it is still there.
   */
  async function come(probe, timeout) {
    const end = now() + timeout;
    let found = probe();
    while (!found && now() < end) {
      if (!(await until(probe, end - now()))) return undefined;
      await ownTask();
      found = probe();
    }
    return found;
  }

  async function ready(selector, state, { timeout, name }) {
    const el = await come(() => firstReady(selector, state), timeout);
    if (!el) throw new StepFailed("failed", `${name}: nothing happened in time`);
    return el;
  }

  /** What one types in or ticks has the focus from then on, which only what is laid out can have. */
  const OWN_HAND = {
    press(control) {
      if (isTyped(control)) layOut();
      pressed(control);
      return control;
    },
    type(field, value) {
      layOut();
      field.focus({ preventScroll: true });
      setValue(field, value);
    },
    set: setValue,
    acts() {},
  };
  const handOf = ({ hand = OWN_HAND }) => hand;

  /** Presses what was found, or what `find` finds instead by then. Resolves with what was pressed, if anything was. */
  async function press(step, run, control, find, byMouse, end) {
    act(run);
    let done;
    await answered(step, run, () => (done = handOf(run).press(control, find, byMouse, end)));
    return done;
  }

  async function choose(choosing, step, run) {
    const host = await ready(step.on, "present", step);
    act(run);
    await handOf(run).acts();
    const { option, timeout } = step;
    const { result, seen: offered } = await choosing(host, { option, timeout });
    if (result === "disabled") throw new StepFailed("option_disabled", `${option} is shown, but cannot be chosen`);
    if (result === "absent")
      throw new StepFailed("not_offered", `the picker has no ${option} (it has: ${offered.join(", ") || "nothing"})`);
    if (result === "unproven")
      throw new StepFailed("failed", `${option} was pressed, but the picker does not show it`);
  }

  /** What is found where there is nothing to be done. */
  const NOTHING = {};

  const ACTIONS = {
    async click(step, run) {
      if (step.if_present && !locate(step.on).length) return;
      const end = now() + step.timeout;
      const find = () => firstReady(step.on, step.until);
      const control = await come(() => {
        if (step.or_skip && seen(step.or_skip)) return NOTHING;
        for (const [outcome, selector] of step.or_outcome)
          if (seen(selector)) throw new StepFailed(outcome, "so the page says");
        return find();
      }, step.timeout);
      if (control === NOTHING) return;
      if (!control || !(await press(step, run, control, find, step.until === "enabled", end)))
        throw new StepFailed(step.absent, `${step.on.css} was not there in time`);
    },
    async fill(step, run) {
      const field = await come(
        () => (step.or_skip && seen(step.or_skip) ? NOTHING : firstReady(step.into, "editable")),
        step.timeout,
      );
      if (field === NOTHING) return;
      if (!field) throw new StepFailed("failed", `${step.name}: nothing happened in time`);
      act(run);
      await answered(step, run, () => handOf(run).type(field, step.value));
    },
    async date(step, run) {
      const field = await ready(step.into, "present", step);
      act(run);
      await answered(step, run, () => handOf(run).set(field, step.value));
    },
    async check(step, run) {
      const end = now() + step.timeout;
      // Of one that is ticked nothing is wanted, whatever its state.
      const found = await come(
        () => laidOut(() => locate(step.on).find((one) => isTicked(one) || isEnabled(one))),
        step.timeout,
      );
      if (found && isTicked(found)) return;
      const find = () => locate(step.on).find((one) => isEnabled(one) && !isTicked(one));
      const box = found && (await press(step, run, found, find, true, end));
      if (!box) throw new StepFailed("failed", `${step.name}: nothing happened in time`);
      if (!(await come(() => isTicked(box), step.timeout)))
        throw new StepFailed("failed", `${step.name}: it was pressed, but is not ticked`);
    },
    async press(step, run) {
      act(run);
      keyPressed(step.key);
    },
    ng_select: (step, run) => choose(chooseOption, step, run),
    select: (step, run) => choose(chooseNative, step, run),
    async wait_for(step) {
      const isSo = step.seen
        ? () => seen(step.seen)
        : step.present
          ? () => locate(step.present).length
          : step.gone
            ? () => !seen(step.gone)
            : () => localStorage.getItem(step.local_storage) !== null;
      if (!(await come(isSo, step.timeout))) throw new StepFailed("failed", `${step.name}: nothing happened in time`);
    },
    reload: ({ to }, run) => run.leave(to),
  };

  /** Steps in order, from the one it is at. What is not done by the `deadline` is broken off like a step too slow. */
  async function perform(run, steps, deadline = Infinity) {
    const { state } = run;
    try {
      for (; state.step < steps.length; state.step += 1) {
        const step = steps[state.step];
        const timeout = Math.min(step.timeout, deadline - now());
        if (timeout <= 0) throw new StepFailed("failed", `${step.name}: no time was left`);
        run.isPress = step.books;
        run.go();
        // What the site has said to a step before the press may leave nothing to be done.
        if (state.phase === "fire" && run.trial?.settled()) throw new StepFailed("failed", "answered already");
        await ACTIONS[step.do]({ ...step, timeout }, run);
      }
    } finally {
      run.isPress = false;
      state.step = 0;
    }
  }

  /** The same for steps that may fail, such as those that bring the page back; whether all of them worked. */
  async function managed(run, steps, deadline) {
    try {
      await perform(run, steps, deadline);
      return true;
    } catch (error) {
      if (error instanceof StepFailed) return false;
      throw error;
    }
  }

  return { StepFailed, perform, managed };
}
