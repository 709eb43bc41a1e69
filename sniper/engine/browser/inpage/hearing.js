/**
 * Hears what the page asks for and is answered, by fetch and XMLHttpRequest.
 *
 * Returns {origins, ask, listen, leftAlone, UNSAID}. `origins` are those that it has asked. `ask` is fetch, past
 * what the page may have put in its place, and no listener hears of it. `listen` takes {wants(request), heard(event),
 * reads, overhears}, and returns what ends the listening. A request is {method, path, search}, the same object in all that is told of it. An event is {kind, request, at}, of kind
 *   "sent";
 *   "answered"  with status and body, the body only where somebody `reads` it, and with until when the site wants
 *               to be left alone, null where it does not say so, or where all who want it only `overhear`;
 *   "lost"      where no answer comes any more.
 * `leftAlone()` is the latest such instant of all answers that somebody wanted, 0 without one. `UNSAID` is for how long
 * a site is left alone that does not say it.
 */
({ now }) => {
  const REFUSED = 400;
  const TOO_MANY_REQUESTS = 429;
  /** Where a site that is asked too often does not say how long it wants to be left alone, or not so that we may read it. */
  const UNSAID = 60_000;
  const listeners = new Set();
  const interested = (request) => [...listeners].filter((one) => one.wants(request));
  // To make a text of a long list costs as much as half of what the page does with it.
  const isRead = (request) => interested(request).some((one) => one.reads);
  /** What is only overheard may come of somebody else than the site. */
  const isTheSites = (request) => interested(request).some((one) => !one.overhears);
  const textOf = ({ responseType, response }) =>
    (responseType === "json" ? JSON.stringify(response) : typeof response === "string" ? response : "") ?? "";
  const tell = (kind, request, more) => {
    const event = { kind, request, at: now(), ...more };
    interested(request).forEach((one) => one.heard(event));
  };
  let leftAlone = 0;
  /** Until when the site wants to be left alone by an answer. A date is on its own clock, as the answer's date is. */
  function pauseOf(status, header) {
    if (status < REFUSED) return null;
    const text = (header("Retry-After") ?? "").trim();
    let pause = NaN;
    if (/^\d+$/.test(text)) pause = Number(text) * 1000;
    else if (/[a-z]/i.test(text)) pause = Math.max(0, Date.parse(text) - Date.parse(header("Date") ?? ""));
    if (Number.isNaN(pause) && status !== TOO_MANY_REQUESTS) return null;
    const until = now() + (Number.isNaN(pause) ? UNSAID : pause);
    leftAlone = Math.max(leftAlone, until);
    return until;
  }
  const origins = new Set();
  const requestOf = (method, url) => {
    try {
      const { origin, pathname, search } = new URL(url, document.baseURI);
      // That of a data: address is none.
      if (origin !== "null") origins.add(origin);
      return { method: String(method ?? "GET").toUpperCase(), path: pathname.replace(/\/+$/, ""), search };
    } catch {
      return null;
    }
  };

  const { open, send } = XMLHttpRequest.prototype;
  const opened = new WeakMap();
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    opened.set(this, requestOf(method, url));
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    const request = opened.get(this);
    if (request && interested(request).length) {
      const isHeeded = isTheSites(request);
      tell("sent", request);
      const ended = () => {
        if (!this.status) return tell("lost", request);
        const until = isHeeded ? pauseOf(this.status, (name) => this.getResponseHeader(name)) : null;
        tell("answered", request, { status: this.status, body: isRead(request) ? textOf(this) : "", until });
      };
      this.addEventListener("loadend", ended, { once: true });
    }
    return send.apply(this, body);
  };

  const { fetch } = window;
  window.fetch = function (input, init) {
    const request =
      input instanceof Request
        ? requestOf(init?.method ?? input.method, input.url)
        : requestOf(init?.method, String(input));
    const answer = fetch.call(window, input, init);
    if (request && interested(request).length) {
      const isHeeded = isTheSites(request);
      tell("sent", request);
      answer
        .then(async (response) => {
          const copy = response.clone();
          const body = isRead(request) ? await copy.text() : (await copy.arrayBuffer(), "");
          const until = isHeeded ? pauseOf(copy.status, (name) => copy.headers.get(name)) : null;
          tell("answered", request, { status: copy.status, body, until });
        })
        .catch(() => tell("lost", request));
    }
    return answer;
  };

  return {
    origins,
    ask: (url, options) => fetch.call(window, url, options),
    UNSAID,
    leftAlone: () => leftAlone,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
