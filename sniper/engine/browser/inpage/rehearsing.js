/**
 * Practises steps that book nothing: V8 and a site's framework are slow at what they do for the first time, and
 * that had better be before the opening.
 *
 * Returns {rehearse, practiseOnceMore}.
 */
({ now, nap, sleepUntil }, { listen }, { managed }) => {
  /** How long before the opening the page is left alone. */
  const CLEAR = 100;

  /** How long the page has waited for answers since the last `start`, what overlaps counted once. */
  function waiting() {
    const open = new Set();
    let since;
    let sum;
    const stop = listen({
      wants: () => true,
      heard({ kind, request, at }) {
        if (kind === "sent") {
          if (!open.size) since = at;
          open.add(request);
          // What was asked for before `start` is not waited for any more.
        } else if (open.delete(request) && !open.size) sum += at - since;
      },
    });
    const start = () => {
      open.clear();
      sum = 0;
    };
    return { start, stop, sum: () => sum };
  }

  /**
   * A parked page practises. Resolves when the page is as it was before, with the milliseconds that once through
   * all of it kept it busy at the least; null where a step did not work.
   */
  async function rehearse({ parts, reset, between }) {
    const run = { state: { step: 0 }, go() {} };
    const waited = waiting();
    let busy = 0;
    try {
      for (const { times, steps, asks } of parts) {
        let least = null;
        for (let count = 0, next = 0; count < times; count += 1) {
          if (asks) await nap(Math.max(0, next - now()));
          const begun = now();
          next = begun + between;
          waited.start();
          if (!(await managed(run, steps))) {
            await managed(run, reset);
            break;
          }
          least = Math.min(least ?? Infinity, now() - begun - waited.sum());
        }
        busy = least === null || busy === null ? null : busy + least;
      }
    } finally {
      waited.stop();
    }
    return busy;
  }

  /** While it waits for the opening: what has gone cold since the parking is done once more. */
  async function practiseOnceMore(run) {
    const { plan } = run;
    for (const { before, steps } of plan.rehearsals) {
      // Where it is too late for it, everything is warm from the parking.
      if (plan.at - before < now()) continue;
      await sleepUntil(() => plan.at - before, run.go);
      // What hangs is broken off in time to bring the page back, and that in time for the opening.
      const clear = plan.at - CLEAR;
      if (!(await managed(run, steps, (now() + clear) / 2))) await managed(run, plan.targets[0].reset, clear);
    }
  }

  return { rehearse, practiseOnceMore };
}
