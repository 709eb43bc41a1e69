/**
 * Waits for the opening and goes through the chain of slots, each fired at until something final comes of it.
 *
 * All that a page that is loaded anew must not lose stands in `run.state`, with the slot that it last began to fire at,
 * or is filled in for, as `begun`; what of the chain is not wanted any more in `unwanted`, by its places.
 * Whose slot is not wanted goes on to the next one that is, and stands down where there is none.
 * Where the site asks to be left alone, nothing is pressed before that is over: it is waited for as a slot is that was
 * too early, if that is soon enough, else the attempt ends.
 *
 * Returns {attempt}.
 */
({ now, sleepUntil }, { spare, layOut }, { leftAlone, UNSAID }, { StepFailed, perform, managed }, { judging, onPage }, unwanted) => {
  const RELOAD = [{ do: "reload", to: null, timeout: Infinity }];
  const LEFT_ALONE = { outcome: "rate_limited", reference: null, message: "the site wants to be left alone" };
  const STOOD_DOWN = { outcome: "stood_down", reference: null, message: "others have it" };

  /** Not before this, whatever it is that would be asked for; a page that was loaded anew has heard nothing yet. */
  const leftAloneUntil = (state) => Math.max(leftAlone(), state.left_alone_until);

  /** Once through the steps of a slot, and what the site says to it. */
  async function fireOnce(run, target) {
    const { plan, state } = run;
    spare();
    if (state.step === 0) {
      await sleepUntil(() => Math.max(state.next_press, leftAloneUntil(state)), run.go);
      const at = now();
      state.next_press = at + plan.between_presses;
      state.presses += 1;
      state.fired += 1;
      run.mark("fired", "", at);
    }
    const noted = ({ kind, status, request, at }) => {
      run.mark(kind, status ? String(status) : request.path, at);
      if (kind !== "sent" || !plan.tells_press || !trial.isPressed()) return;
      plan.tells_press = false;
      run.tell("pressed");
    };
    const trial = (run.trial = judging(target.rules, noted));
    try {
      await perform(run, target.first && !state.emptied ? target.first : target.steps);
      if (!plan.press) return { outcome: "not_pressed", reference: null, message: "" };
      return await trial.verdict(plan.answer_within);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      if (!trial.settled() && error.outcome !== STOOD_DOWN.outcome) await trial.heardOut();
      if (trial.settled()) return trial.settled();
      // What was pressed will be answered, whatever went wrong after it.
      if (trial.isPending()) return await trial.verdict(plan.answer_within);
      if (error.outcome === STOOD_DOWN.outcome) return STOOD_DOWN;
      const shown = onPage(target.rules) ?? { outcome: error.outcome, reference: null, message: error.message };
      return { ...shown, until: error.until, before_press: !trial.isPressed() };
    } finally {
      layOut();
      trial.stop();
    }
  }

  /** Goes through the chain, from where it is. Resolves with the last try, which is not told yet; null without one. */
  async function attempt(run) {
    const { plan, state } = run;
    const ended = (result) => {
      run.mark("outcome", result.outcome);
      return { target: state.target, started: state.started, ended: now(), fired: state.fired, ...result };
    };
    if (state.phase === "wait") {
      await sleepUntil(() => plan.at, run.go, plan.wait ? 0 : undefined);
      state.late_until = Math.max(plan.at, now()) + plan.late.within;
      state.phase = "look";
    }
    const isWanted = (_, target) => target > state.target && !unwanted.has(target);
    const goesOn = ({ outcome }) =>
      outcome === STOOD_DOWN.outcome ? plan.targets.some(isWanted) : plan.next_target.includes(outcome);
    const goOn = (found) => {
      run.tell("try", { try: found });
      state.target += 1;
      state.phase = "look";
    };
    while (state.target < plan.targets.length) {
      const target = plan.targets[state.target];
      if (state.phase === "look") {
        Object.assign(state, { started: now(), fired: 0 });
        if (unwanted.has(state.target)) {
          const passed = ended(STOOD_DOWN);
          if (!goesOn(passed)) return passed;
          goOn(passed);
          continue;
        }
        if (state.presses >= plan.presses) return null;
        const until = leftAloneUntil(state);
        if (until >= state.late_until && until > now()) return ended({ ...LEFT_ALONE, until });
        await sleepUntil(() => leftAloneUntil(state), run.go);
        state.phase = state.target && state.begun !== null ? "reset" : "fire";
      }
      if (state.phase === "reset") {
        if (!(await managed(run, plan.targets[state.begun].reset))) return null;
        state.phase = "fire";
      }
      let result;
      if (state.phase === "again") {
        state.emptied ||= plan.late.again === "anew";
        const isFilled = target.first && !state.emptied;
        // What brings the page back may ask the site for something.
        await sleepUntil(() => leftAloneUntil(state), run.go);
        const back = plan.late.again === "after_reload" ? RELOAD : isFilled ? [] : target.reset;
        if (await managed(run, back)) {
          state.emptied ||= plan.late.again === "after_reload";
          if (back.length) state.begun = null;
          await sleepUntil(() => state.again_at, run.go);
          if (unwanted.has(state.target)) result = STOOD_DOWN;
          state.phase = "fire";
        } else {
          result = state.result;
        }
      }
      if (!result) {
        state.begun = state.target;
        result = await fireOnce(run, target);
        if (result.outcome === LEFT_ALONE.outcome) result.until ??= now() + UNSAID;
        state.left_alone_until = Math.max(state.left_alone_until, result.until ?? 0);
        state.again_at = Math.max(now() + plan.late.retry_after, state.left_alone_until);
        const worthIt = plan.try_again.includes(result.outcome) && plan.late.again !== "never";
        if (worthIt && state.presses < plan.presses && state.again_at < state.late_until) {
          run.mark("outcome", result.outcome);
          run.tell("again", { again_at: state.again_at });
          Object.assign(state, { phase: "again", result });
          continue;
        }
      }
      const found = ended(result);
      if (!goesOn(result)) return found;
      goOn(found);
    }
    return null;
  }

  return { attempt };
}
