/** The page's clock, and waiting for an instant of it. Returns {now, nap, ownTask, sleepUntil, lookAgain}. */
() => {
  const SPIN = 1;
  /** Milliseconds since 1970, monotonic within a document. */
  const now = () => performance.timeOrigin + performance.now();

  // Between two timers a message: a timer that is set by a timer, five times over, is delayed by 4 ms.
  const channel = new MessageChannel();
  const due = [];
  channel.port1.onmessage = () => due.shift()();
  const send = (then) => {
    due.push(then);
    channel.port2.postMessage(null);
  };
  const nap = (milliseconds) => new Promise((resolve) => send(() => setTimeout(resolve, milliseconds)));
  /** What follows is a task of its own, that no timer has set off. */
  const ownTask = () => new Promise(send);

  /** Those who sleep until an instant look at it again: it may be another one by now. */
  let wake;
  let woken;
  const lookAgain = () => {
    wake?.();
    woken = new Promise((resolve) => (wake = resolve));
  };
  lookAgain();

  /**
   * Sleeps by timer to within a millisecond and spins over the rest, or over none of it: whose turn comes after
   * others' leaves the processor to them. At every waking `moment` is asked anew, and `go` may throw.
   */
  async function sleepUntil(moment, go, spin = SPIN) {
    for (;;) {
      go();
      const left = moment() - now();
      if (left <= spin) break;
      // Machines sleep, and timers may be late.
      if (left > 20) await Promise.race([nap(Math.min(left - 10, 500)), woken]);
      else if (left > 4) await nap(Math.floor(left - 2.5));
      else await nap(spin ? Math.floor(left - spin) : Math.ceil(left));
    }
    while (now() < moment());
  }

  return { now, nap, ownTask, sleepUntil, lookAgain };
}
