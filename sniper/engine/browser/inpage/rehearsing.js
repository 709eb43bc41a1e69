/**
 * Makes ready before the opening what would be slow at it. V8 and a site's framework are slow at what they do for the
 * first time: steps that book nothing are practised. Connections may be closed, and processes asleep.
 *
 * Returns {rehearse, practiseOnceMore, connectAnew, wakeUp}.
 */
({ now, nap, sleepUntil }, { origins, ask, listen }, { managed }) => {
  /** How long before the opening connections are opened that have been closed: some handshakes, and to spare. */
  const CONNECTED = 1000;
  /** How long before the opening what is practised is broken off. */
  const CLEAR = 100;
  /** How long before the opening the browser is woken, what that takes is looked up, and what has to be left for it. */
  const AWAKE = 3;
  const BEFORE_WAKING = 50;
  const STILL = 1.5;

  /** When the budget has made up for what rehearsals have asked for so far. */
  let free = 0;

  /**
   * A parked page practises. Resolves when the page is as it was before, with whether all steps worked. What it
   * asks the site for is paced: `between` milliseconds for each request.
   */
  async function rehearse({ parts, reset, between }) {
    const run = { state: { step: 0 }, go() {}, act() {} };
    let sent = [];
    const stop = listen({ wants: () => true, heard: ({ kind, at }) => kind === "sent" && sent.push(at) });
    let allWorked = true;
    try {
      for (const { times, steps } of parts) {
        for (let count = 0; count < times; count += 1) {
          await nap(Math.max(0, free - now()));
          sent = [];
          const worked = await managed(run, steps);
          if (sent.length) free = sent[0] + between * sent.length;
          if (!worked) {
            await managed(run, reset);
            allWorked = false;
            break;
          }
        }
      }
    } finally {
      stop();
    }
    return allWorked;
  }

  /** While it waits for the opening: what has gone cold since the parking is done once more. */
  async function practiseOnceMore(run) {
    const { plan } = run;
    for (const { before, steps } of plan.rehearsals) {
      // Where it is too late for it, everything is warm from the parking. And what the site is asked for here must
      // not be missing from the budget when it counts.
      if (plan.at - before < now() || before < plan.between_presses) continue;
      await sleepUntil(() => plan.at - before, run.go);
      // What hangs is broken off in time to bring the page back, and that in time for the opening.
      const clear = plan.at - CLEAR;
      if (!(await managed(run, steps, (now() + clear) / 2))) await managed(run, plan.targets[0].reset, clear);
    }
  }

  /**
   * While it waits for the opening: a page that has asked for nothing in a while has lost its connections, and its
   * press would wait for handshakes. So it asks whom it has asked before for next to nothing.
   */
  async function connectAnew(run) {
    const { plan } = run;
    const before = Math.max(CONNECTED, plan.between_presses);
    if (plan.at - before < now()) return;
    await sleepUntil(() => plan.at - before, run.go);
    for (const origin of origins)
      ask(origin + plan.small, { method: "HEAD", mode: "no-cors", credentials: "include", cache: "no-store" }).catch(
        () => {}, // Then it is for the press to find out.
      );
  }

  /** Whatever a browser or a page has against it, no press is lost for it. */
  const harmless = (act) => {
    try {
      return act();
    } catch {
      return undefined;
    }
  };

  /** An address of its own that the site lets the page ask, since it has answered it. */
  const answered = () =>
    performance
      .getEntriesByType("resource")
      .findLast(
        ({ name, initiatorType, responseStatus }) =>
          ["fetch", "xmlhttprequest"].includes(initiatorType) &&
          responseStatus === 200 &&
          new URL(name).origin === location.origin,
      )?.name;

  /** By that very address: the page's list of its resources names it, and a site's monitoring may send that home. */
  function askCache(known) {
    const taken = new AbortController();
    const onlyFromCache = { mode: "same-origin", cache: "only-if-cached", signal: taken.signal };
    ask(known, onlyFromCache).catch(() => {}); // It was taken back.
    taken.abort();
  }

  /**
   * The browser's process for the network sleeps as long as nobody asks for anything, and so do the processors: the
   * request of a press is half a millisecond later for it. So right before the opening the page asks for what nobody
   * but the browser's cache may answer (https://fetch.spec.whatwg.org/#concept-request-cache-mode), and takes it back
   * at once: nothing leaves the machine, and nothing is left to be done with an answer. Not where the site's policy
   * may forbid it, which would be told to the site, and not through a service worker, which may do with it what it
   * likes.
   */
  async function wakeUp(run) {
    const { plan } = run;
    await sleepUntil(() => plan.at - BEFORE_WAKING, run.go, 0);
    const known = plan.at - now() > AWAKE ? harmless(answered) : undefined;
    await sleepUntil(() => plan.at - AWAKE, run.go, 0);
    if (!known || plan.at - now() < STILL) return;
    harmless(() => navigator.serviceWorker?.controller || askCache(known));
  }

  return { rehearse, practiseOnceMore, connectAnew, wakeUp };
}
