/**
 * Fires an attempt from inside the page: from the opening on, no call from outside stands before the request.
 *
 * Runs in every document of the context before the site's own scripts, so that it hears what they ask for.
 * Playwright then calls, through window[Symbol.for("sniper")],
 *   now()               the page's clock: milliseconds since 1970, monotonic within a document;
 *   arm(plan)           hands over what compile.py made of the profile, and returns at once;
 *   rehearse(plan)      practises steps that book nothing; resolves when the page is as it was before,
 *                       with the milliseconds that once through all of them kept it busy, or null;
 *   aim(at)             a better reading of the instant to fire at;
 *   standDown(instants) the slots at these instants are not needed any more;
 *   disarm()            nothing is fired any more;
 *   underWay()          the number of the plan that is being carried out, or null.
 * What comes of it goes out through the binding `sniperReport`, which nothing here waits for but a page that was
 * loaded anew: it asks whether its attempt is still wanted.
 *
 * Arguments: the functions of ng_select.js and native_select.js.
 */
(chooseOption, chooseNative) => {
  const KEY = Symbol.for("sniper");
  if (window !== window.top || window[KEY]) return;

  const STORED = "sniper.attempt";
  const SPIN = 1;
  /** How long what the page shows waits for an answer, which says more. */
  const ANSWER_FIRST = 250;
  const now = () => performance.timeOrigin + performance.now();

  /** A step that did not work, and what that means for the try. */
  class StepFailed extends Error {
    constructor(outcome, message) {
      super(message);
      this.outcome = outcome;
    }
  }
  /** The attempt was called off. */
  class Halted extends Error {}

  let current = null;
  const unwanted = new Set();

  // -- what the page asks for and is answered

  /** Each is {wants(request), heard(event), reads}: the body of an answer is there for who reads it. */
  const listeners = new Set();
  const interested = (request) => [...listeners].filter((one) => one.wants(request));
  const tellAbout = (event) => interested(event.request).forEach((one) => one.heard(event));
  const requestOf = (method, url) => {
    try {
      const { pathname } = new URL(url, document.baseURI);
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
      tellAbout({ kind: "sent", request, at: now() });
      this.addEventListener("loadend", () => {
        if (!this.status) return;
        const isText = this.responseType === "" || this.responseType === "text";
        const text = isText ? this.responseText : this.responseType === "json" ? JSON.stringify(this.response) : "";
        tellAbout({ kind: "answered", request, at: now(), status: this.status, body: text ?? "" });
      });
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
      tellAbout({ kind: "sent", request, at: now() });
      answer
        .then(async (response) => {
          const copy = response.clone();
          // To make a text of a long list costs as much as half of what the page does with it.
          const isRead = interested(request).some((one) => one.reads);
          const body = isRead ? await copy.text() : (await copy.arrayBuffer(), "");
          tellAbout({ kind: "answered", request, at: now(), status: copy.status, body });
        })
        .catch(() => {});
    }
    return answer;
  };

  // -- finding and waiting

  const folded = (node) => (node.textContent ?? "").replace(/\s+/g, " ").trim();

  /** The elements a selector of the profile means. */
  function locate({ css, has, text, find }) {
    let found = [...document.querySelectorAll(css)];
    for (const inner of has)
      found = found.filter((one) => [...one.querySelectorAll(inner.css)].some((el) => inner.text.includes(folded(el))));
    if (text !== null) found = found.filter((one) => folded(one) === text);
    return find === null ? found : found.flatMap((one) => [...one.querySelectorAll(find)]);
  }
  const visible = (el) => {
    if (!el.checkVisibility({ visibilityProperty: true })) return false;
    const { width, height } = el.getBoundingClientRect();
    return width > 0 && height > 0;
  };
  const enabled = (el) =>
    !el.matches(":disabled, .disabled") && !el.closest("[aria-disabled='true'], [inert]") && visible(el);
  const READY = { present: () => true, visible, enabled };
  const seen = (selector) => locate(selector).find(visible);

  /** What looks again when something may have changed that is no mutation of the document. */
  const looks = new Set();
  const lookAgain = () => looks.forEach((look) => look());
  for (const kind of ["transitionend", "animationend", "load"]) window.addEventListener(kind, lookAgain, true);
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (...item) {
    setItem.apply(this, item);
    lookAgain();
  };

  /** Resolves with what `probe` finds, looked for again at every change of the document; undefined in the end. */
  function until(probe, milliseconds) {
    return new Promise((resolve, reject) => {
      let timer;
      const finish = (settle, value) => {
        observer.disconnect();
        looks.delete(look);
        clearTimeout(timer);
        settle(value);
      };
      const look = () => {
        try {
          const found = probe();
          if (found) finish(resolve, found);
        } catch (error) {
          finish(reject, error);
        }
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      looks.add(look);
      timer = setTimeout(() => {
        look();
        finish(resolve, undefined);
      }, milliseconds);
      look();
    });
  }

  /** Does `act`, waits for the answer to a request whose path ends like `expected`, and lets the page show it. */
  async function answered(expected, timeout, act) {
    if (expected === null) return act();
    await new Promise((resolve, reject) => {
      const listener = {
        wants: ({ path }) => path.endsWith(expected),
        heard: ({ kind }) => kind === "answered" && finish(resolve),
      };
      const timer = setTimeout(
        () => finish(reject, new StepFailed("failed", `no answer from ${expected} in time`)),
        timeout,
      );
      const finish = (settle, value) => {
        listeners.delete(listener);
        clearTimeout(timer);
        settle(value);
      };
      listeners.add(listener);
      try {
        act();
      } catch (error) {
        finish(reject, error);
      }
    });
    // What the page makes of it may be put off by a timer, which is older than this one.
    await nap(0);
  }

  // Between two timers a message: a timer that is set by a timer, five times over, is delayed by 4 ms.
  const channel = new MessageChannel();
  const nap = (milliseconds) =>
    new Promise((resolve) => {
      channel.port1.onmessage = () => setTimeout(resolve, milliseconds);
      channel.port2.postMessage(null);
    });

  /** Sleeps by timer to within a millisecond and spins over the rest; `moment` is asked anew at every waking. */
  async function sleepUntil(run, moment) {
    for (;;) {
      run.go();
      const left = moment() - now();
      if (left <= SPIN) break;
      // Machines sleep, and timers may be late.
      await nap(left > 20 ? Math.min(left - 10, 500) : Math.floor(left > 4 ? left - 2.5 : left - SPIN));
    }
    while (now() < moment());
  }

  // -- acting

  function pressed(el) {
    const about = { bubbles: true, cancelable: true, composed: true, button: 0, view: window };
    const pointer = { ...about, pointerType: "mouse", isPrimary: true };
    el.dispatchEvent(new PointerEvent("pointerdown", pointer));
    el.dispatchEvent(new MouseEvent("mousedown", about));
    // Only where one types: to find out whether a button may have the focus lays the whole page out, and there
    // are browsers in which a click does not give it to buttons.
    if (el.matches("input, textarea, select, [contenteditable]")) el.focus({ preventScroll: true });
    el.dispatchEvent(new PointerEvent("pointerup", pointer));
    el.dispatchEvent(new MouseEvent("mouseup", about));
    el.click();
  }

  function setValue(field, value) {
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    // The prototype's setter is the one a person's hand uses: frameworks put their own before it.
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function ready(selector, state, { timeout, name }) {
    const el = await until(() => locate(selector).find(READY[state]), timeout);
    if (!el) throw new StepFailed("failed", `${name}: nothing happened in time`);
    return el;
  }

  async function choose(choosing, step, run) {
    const host = await ready(step.on, "present", step);
    run.go();
    const { option, timeout } = step;
    const { result, seen: offered } = await choosing(host, { option, timeout });
    if (result === "disabled") throw new StepFailed("option_disabled", `${option} is shown, but cannot be chosen`);
    if (result === "absent")
      throw new StepFailed("not_offered", `the picker has no ${option} (it has: ${offered.join(", ") || "nothing"})`);
    if (result === "unproven")
      throw new StepFailed("failed", `${option} was pressed, but the picker does not show it`);
  }

  /** `run.go()` stands before every act: it throws when the attempt is called off. */
  const ACTIONS = {
    async click(step, run) {
      if (step.if_present && !locate(step.on).length) return;
      let skipped = false;
      const control = await until(() => {
        if (step.or_skip && seen(step.or_skip)) return (skipped = true);
        for (const [outcome, selector] of step.or_outcome)
          if (seen(selector)) throw new StepFailed(outcome, "so the page says");
        return locate(step.on).find(READY[step.until]);
      }, step.timeout);
      if (skipped) return;
      if (!control) throw new StepFailed(step.absent, `${step.on.css} was not there in time`);
      run.go();
      await answered(step.expect, step.timeout, () => pressed(control));
    },
    async fill(step, run) {
      const field = await ready(step.into, "enabled", step);
      run.go();
      setValue(field, step.value);
    },
    async date(step, run) {
      const field = await ready(step.into, "present", step);
      run.go();
      await answered(step.expect, step.timeout, () => setValue(field, step.value));
    },
    async check(step, run) {
      const box = await ready(step.on, "enabled", step);
      run.go();
      if (!box.checked) await answered(step.expect, step.timeout, () => pressed(box));
    },
    async press(step) {
      const at = document.activeElement ?? document.body;
      for (const kind of ["keydown", "keyup"])
        at.dispatchEvent(new KeyboardEvent(kind, { key: step.key, bubbles: true, cancelable: true }));
    },
    ng_select: (step, run) => choose(chooseOption, step, run),
    select: (step, run) => choose(chooseNative, step, run),
    async wait_for(step) {
      const probe = step.seen
        ? () => seen(step.seen)
        : step.present
          ? () => locate(step.present).length
        : step.gone
          ? () => !seen(step.gone)
          : () => localStorage.getItem(step.local_storage) !== null;
      if (!(await until(probe, step.timeout))) throw new StepFailed("failed", `${step.name}: nothing happened in time`);
    },
    reload(_, run) {
      const kept = { plan: run.plan, state: { ...run.state, step: run.state.step + 1 }, unwanted: [...unwanted] };
      sessionStorage.setItem(STORED, JSON.stringify(kept));
      location.reload();
      return new Promise(() => {});
    },
  };

  async function perform(run, steps) {
    const { state } = run;
    try {
      for (; state.step < steps.length; state.step += 1) {
        const step = steps[state.step];
        run.isPress = step.books;
        run.go();
        await ACTIONS[step.do](step, run);
      }
    } finally {
      run.isPress = false;
      state.step = 0;
    }
  }

  // -- what an answer means

  const walk = (body, keys) => keys.reduce((node, key) => node?.[key], body);
  const ordered = (value) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]))
      : Array.isArray(value)
        ? value.map(ordered)
        : value ?? null;
  const same = (one, other) => JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
  const isAbout = ({ response }, { method, path }) =>
    response && response.method === method && path.endsWith(response.url);

  function fits({ status: wanted, text, json: values }, status, body, json) {
    if (typeof wanted === "string" ? Math.floor(status / 100) !== Number(wanted[0]) : wanted !== null && wanted !== status)
      return false;
    if (text && !new RegExp(text.source, text.flags).test(body)) return false;
    const keys = Object.entries(values);
    return !keys.length || (json !== null && keys.every(([key, value]) => same(json[key], value)));
  }

  function meaning(rules, { request, status, body }) {
    let json = null;
    try {
      json = JSON.parse(body);
    } catch {
      // Not every answer is JSON.
    }
    for (const rule of rules) {
      if (!isAbout(rule, request) || !fits(rule.response, status, body, json)) continue;
      const reference = rule.reference && walk(json, rule.reference);
      const message = rule.message && walk(json, rule.message);
      return { outcome: rule.is, reference: reference == null ? null : String(reference), message: String(message ?? "") };
    }
    const words = body.replace(/\s+/g, " ").trim().slice(0, 200);
    return { outcome: "unknown", reference: null, message: `no rule fits the answer ${status}: ${words}` };
  }

  const onPage = (rules) => {
    const rule = rules.find((one) => one.page && seen(one.page));
    return rule && { outcome: rule.is, reference: null, message: `seen: ${rule.page.css}` };
  };

  /** The verdict on a press that is made: by its answer, else by what the page shows, else unknown. */
  async function verdict({ rules }, answerCame, within) {
    const byPage = async () => {
      await new Promise((resolve) => setTimeout(resolve, ANSWER_FIRST));
      return until(() => onPage(rules), Math.max(within - ANSWER_FIRST, 0));
    };
    const silence = new Promise((resolve) => setTimeout(resolve, within));
    const shown = rules.some((rule) => rule.page) ? byPage() : silence;
    const first = await Promise.race([answerCame, shown, silence]);
    return first ?? onPage(rules) ?? { outcome: "unknown", reference: null, message: "no answer in time" };
  }

  // -- the attempt

  const STOOD_DOWN = { outcome: "stood_down", reference: null, message: "others have it" };

  /** Once through the steps of a slot, and what the site says to it. */
  async function fireOnce(run, target) {
    const { plan, state } = run;
    if (state.step === 0) {
      await sleepUntil(run, () => state.next_press);
      const at = now();
      state.next_press = at + plan.between_presses;
      state.presses += 1;
      state.fired += 1;
      run.mark("fired", "", at);
    }
    let answer;
    const answerCame = new Promise((resolve) => (answer = resolve));
    const listener = {
      reads: true,
      wants: (request) => target.rules.some((rule) => isAbout(rule, request)),
      heard(event) {
        run.mark(event.kind, event.status ? String(event.status) : event.request.path, event.at);
        if (event.kind === "answered") answer(meaning(target.rules, event));
      },
    };
    listeners.add(listener);
    try {
      await perform(run, target.first && !state.emptied ? target.first : target.steps);
      if (!plan.press) return { outcome: "not_pressed", reference: null, message: "" };
      return await verdict(target, answerCame, plan.answer_within);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      if (error.outcome === STOOD_DOWN.outcome) return STOOD_DOWN;
      return onPage(target.rules) ?? { outcome: error.outcome, reference: null, message: error.message };
    } finally {
      listeners.delete(listener);
    }
  }

  /** Steps that bring the page back; false when they do not. */
  async function tidied(run, steps) {
    try {
      await perform(run, steps);
      return true;
    } catch (error) {
      if (error instanceof StepFailed) return false;
      throw error;
    }
  }

  /** Goes through the chain. All that a reload must not lose stands in `state`. */
  async function attempt(run) {
    const { plan, state } = run;
    const ended = (result) => {
      run.mark("outcome", result.outcome);
      run.tell("try", { target: state.target, started: state.started, ended: now(), fired: state.fired, ...result });
    };
    if (state.phase === "wait") {
      for (const { before, steps } of plan.rehearsals) {
        // Where it is too late for it, everything is warm from the parking.
        if (plan.at - before < now()) continue;
        await sleepUntil(run, () => plan.at - before);
        if (!(await tidied(run, steps))) await tidied(run, plan.targets[0].reset);
      }
      await sleepUntil(run, () => plan.at);
      state.late_until = Math.max(plan.at, now()) + plan.late.within;
      state.phase = "look";
    }
    while (state.target < plan.targets.length) {
      const target = plan.targets[state.target];
      run.instant = target.instant;
      if (state.phase === "look") {
        Object.assign(state, { started: now(), fired: 0 });
        if (unwanted.has(target.instant)) return ended(STOOD_DOWN);
        if (state.presses >= plan.presses) return;
        state.phase = state.target ? "reset" : "fire";
      }
      if (state.phase === "reset") {
        if (!(await tidied(run, plan.targets[state.target - 1].reset))) return;
        state.phase = "fire";
      }
      let result;
      if (state.phase === "again") {
        const isFilled = target.first && !state.emptied;
        const back = plan.late.again === "after_reload" ? [{ do: "reload" }] : isFilled ? [] : target.reset;
        if (await tidied(run, back)) {
          state.emptied ||= plan.late.again === "after_reload";
          await sleepUntil(run, () => state.again_at);
          if (unwanted.has(target.instant)) return ended(STOOD_DOWN);
          state.phase = "fire";
        } else {
          result = state.result;
        }
      }
      if (!result) {
        result = await fireOnce(run, target);
        state.again_at = now() + plan.late.retry_after;
        const worthIt = plan.try_again.includes(result.outcome) && plan.late.again !== "never";
        if (worthIt && state.presses < plan.presses && state.again_at < state.late_until) {
          run.mark("outcome", result.outcome);
          run.tell("again", {});
          Object.assign(state, { phase: "again", result });
          continue;
        }
      }
      ended(result);
      if (!plan.next_target.includes(result.outcome)) return;
      state.target += 1;
      state.phase = "look";
    }
  }

  /** V8 and the site's framework are slow at what they do for the first time: let that be before the opening. */
  async function rehearse({ parts, reset, between }) {
    const run = { go() {} };
    let waited = 0;
    const listener = {
      wants: () => true,
      heard: ({ kind, at }) => (waited += kind === "sent" ? -at : at),
    };
    let busy = 0;
    const done = async (steps) => {
      try {
        for (const step of steps) await ACTIONS[step.do](step, run);
        return true;
      } catch (error) {
        if (error instanceof StepFailed) return false;
        throw error;
      }
    };
    listeners.add(listener);
    for (const { times, steps, asks } of parts) {
      let least = null;
      for (let count = 0, next = 0; count < times; count += 1) {
        if (asks) await nap(Math.max(0, next - now()));
        const begun = now();
        next = begun + between;
        waited = 0;
        if (!(await done(steps))) {
          await done(reset);
          break;
        }
        least = Math.min(least ?? Infinity, now() - begun - waited);
      }
      busy = least === null || busy === null ? null : busy + least;
    }
    listeners.delete(listener);
    return busy;
  }

  function begin(plan, state) {
    const run = {
      plan,
      state,
      isPress: false,
      instant: null,
      go() {
        if (current !== run) throw new Halted();
        if (run.isPress && unwanted.has(run.instant)) throw new StepFailed(STOOD_DOWN.outcome, "");
      },
      mark: (mark, detail = "", at = now()) => state.timeline.push({ at, mark, target: state.target, detail }),
      tell: (kind, more) => window.sniperReport({ id: plan.id, kind, timeline: state.timeline.splice(0), ...more }),
    };
    current = run;
    return run;
  }

  async function play(run) {
    let failure = null;
    try {
      await attempt(run);
    } catch (error) {
      if (error instanceof Halted) return;
      failure = String(error?.message ?? error).split("\n")[0];
    }
    if (current === run) current = null;
    run.tell("end", { failure });
  }

  Object.defineProperty(window, KEY, {
    value: Object.freeze({
      now,
      arm(plan) {
        unwanted.clear();
        play(begin(plan, { phase: "wait", target: 0, step: 0, presses: 0, next_press: plan.next_press, timeline: [] }));
      },
      rehearse,
      aim(at) {
        if (current) current.plan.at = at;
      },
      standDown: (instants) => instants.forEach((instant) => unwanted.add(instant)),
      disarm() {
        current = null;
      },
      underWay: () => current?.plan.id ?? null,
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
    kept.unwanted.forEach((instant) => unwanted.add(instant));
    const parsed = new Promise((resolve) =>
      document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", resolve) : resolve(),
    );
    Promise.all([window.sniperReport({ id: kept.plan.id, kind: "resumed", timeline: [] }), parsed]).then(([wanted]) => {
      if (wanted && current === run) play(run);
      else if (current === run) current = null;
    });
  }
}
