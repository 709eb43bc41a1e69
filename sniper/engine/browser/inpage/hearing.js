/**
 * Hears what the page asks for and is answered, by fetch and XMLHttpRequest.
 *
 * Returns {origins, listen}. `origins` are those that it has asked. `listen` takes {wants(request), heard(event),
 * reads}, and returns what ends the listening. A request is {method, path}, the same object in all that is told of it. An event is {kind, request, at}, of kind
 *   "sent";
 *   "answered"  with status and body, the body only where somebody `reads` it;
 *   "lost"      where no answer comes any more.
 */
({ now }) => {
  const listeners = new Set();
  const interested = (request) => [...listeners].filter((one) => one.wants(request));
  // To make a text of a long list costs as much as half of what the page does with it.
  const isRead = (request) => interested(request).some((one) => one.reads);
  const textOf = ({ responseType, response }) =>
    (responseType === "json" ? JSON.stringify(response) : typeof response === "string" ? response : "") ?? "";
  const tell = (kind, request, more) => {
    const event = { kind, request, at: now(), ...more };
    interested(request).forEach((one) => one.heard(event));
  };
  const origins = new Set();
  const requestOf = (method, url) => {
    try {
      const { origin, pathname } = new URL(url, document.baseURI);
      // That of a data: address is none.
      if (origin !== "null") origins.add(origin);
      return { method: String(method ?? "GET").toUpperCase(), path: pathname.replace(/\/+$/, "") };
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
      tell("sent", request);
      const ended = () => {
        if (!this.status) return tell("lost", request);
        tell("answered", request, { status: this.status, body: isRead(request) ? textOf(this) : "" });
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
      tell("sent", request);
      answer
        .then(async (response) => {
          const copy = response.clone();
          const body = isRead(request) ? await copy.text() : (await copy.arrayBuffer(), "");
          tell("answered", request, { status: copy.status, body });
        })
        .catch(() => tell("lost", request));
    }
    return answer;
  };

  return {
    origins,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
