/**
 * Tells by the profile's rules what the site says to a press, in its answer or on the page.
 *
 * A verdict is {outcome, reference, message}, `answer` where no rule fits it, and `until` when the site wants to be left
 * alone, where it says so.
 *
 * Returns {judging, onPage}.
 */
({ listen }, { seen, until }) => {
  /** How long what the page shows waits for an answer, which says more. */
  const ANSWER_FIRST = 250;
  /** How much of an answer is kept that nobody understands. */
  const KEPT = 100_000;

  const walk = (body, keys) => keys.reduce((node, key) => node?.[key], body);
  /** The words that a piece of HTML shows. */
  const asWords = (html) => {
    const text = html.replace(/<[^>]*>/g, " ");
    // Without a tag in it there is nothing that could be loaded or run.
    const shown = text.includes("&") ? new DOMParser().parseFromString(text, "text/html").body.textContent : text;
    return shown.replace(/\s+/g, " ").trim();
  };
  /** What an answer tells: at a place in its JSON, or by the group of an expression in its text. */
  const told = (path, text, json, body) => {
    const found = text && new RegExp(text.source, text.flags).exec(body);
    if (found) return asWords(found[1] ?? "");
    const value = path && walk(json, path);
    return typeof value === "string" ? value.replace(/\s+/g, " ").trim() : value;
  };
  const ordered = (value) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]))
      : Array.isArray(value)
        ? value.map(ordered)
        : value ?? null;
  const same = (one, other) => JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));

  const isAbout = ({ response }, { method, path, search }) =>
    response &&
    response.method === method &&
    path.endsWith(response.url) &&
    Object.entries(response.query).every(([name, value]) => new URLSearchParams(search).get(name) === value);

  function fits({ status: wanted, text, json: values }, status, body, json) {
    if (typeof wanted === "string" ? Math.floor(status / 100) !== Number(wanted[0]) : wanted !== null && wanted !== status)
      return false;
    if (text && !new RegExp(text.source, text.flags).test(body)) return false;
    const keys = Object.entries(values);
    return !keys.length || (json?.constructor === Object && keys.every(([key, value]) => same(json[key], value)));
  }

  /** What an answer means, by the first rule that fits. */
  function meaning(rules, { request, status, body, until }) {
    let json = null;
    try {
      json = JSON.parse(body);
    } catch {
      // Not every answer is JSON.
    }
    for (const rule of rules) {
      if (!isAbout(rule, request) || !fits(rule.response, status, body, json)) continue;
      const reference = told(rule.reference, rule.reference_text, json, body);
      const message = told(rule.message, rule.message_text, json, body);
      return { outcome: rule.is, reference: reference == null ? null : String(reference), message: String(message ?? ""), until };
    }
    return notUnderstood(`no rule fits the answer ${status}`, request, status, body, until);
  }

  const notUnderstood = (why, { method, path }, status, body, until) => ({
    outcome: "unknown",
    reference: null,
    message: `${why}: ${body.replace(/\s+/g, " ").trim().slice(0, 200)}`,
    answer: { method, path, status, body: body.slice(0, KEPT) },
    until,
  });

  /** What the page itself says, if a rule speaks of it. */
  const onPage = (rules) => {
    const rule = rules.find((one) => one.page && seen(one.page));
    return rule && { outcome: rule.is, reference: null, message: `seen: ${rule.page.css}` };
  };

  /**
   * Hears the answers to what is asked for from now on, and judges the press by them.
   *
   * `noted(event)` is told of every request that a rule speaks of. `press()` says that what is sent from now on comes
   * of the press: an answer to it that no rule fits is not understood, whereas others just say nothing. `isPressed()`
   * tells whether that was said.
   * `settled()` is what an answer has decided, null before; `isPending()` whether the press waits for its answer.
   * `heardOut()` waits a moment for what is not answered yet.
   * `verdict(within)` is by an answer, else by what the page shows, else unknown, with the first answer to the press
   * that no rule is about: the site may take bookings elsewhere by now.
   */
  function judging(rules, noted) {
    let isPressed = false;
    let settled = null;
    let settle;
    const decided = new Promise((resolve) => (settle = resolve));
    /** What was sent in this try, and whether by the press. */
    const asked = new Map();
    const pending = new Set();
    /** What of it is not answered yet. */
    const unheard = new Set();
    const looks = new Set();
    const stop = listen({
      reads: true,
      wants: (request) => rules.some((rule) => isAbout(rule, request)),
      heard(event) {
        const { kind, request } = event;
        if (kind === "sent") {
          asked.set(request, isPressed);
          unheard.add(request);
          if (isPressed) pending.add(request);
          noted(event);
          return;
        }
        if (!asked.has(request)) return;
        pending.delete(request);
        unheard.delete(request);
        if (kind === "answered") {
          noted(event);
          const found = meaning(rules, event);
          if (!settled && (!found.answer || asked.get(request))) settle((settled = found));
        }
        looks.forEach((look) => look());
      },
    });

    let unforeseen = null;
    const overheard = new Set();
    const stopOverhearing = listen({
      reads: true,
      overhears: true,
      wants: (request) => isPressed && request.method !== "GET" && !rules.some((rule) => isAbout(rule, request)),
      heard({ kind, request, status, body }) {
        if (kind === "sent") overheard.add(request);
        // Of another site's answer a page may not be told anything, and what only counts visitors is mostly empty.
        if (kind !== "answered" || !overheard.has(request) || !status || unforeseen?.answer.body) return;
        if (unforeseen && !body) return;
        const why = `no rule is about ${request.method} ${request.path}, which was answered ${status}`;
        unforeseen = notUnderstood(why, request, status, body, null);
      },
    });

    async function verdict(within) {
      let over;
      const silence = new Promise((resolve) => (over = setTimeout(resolve, within)));
      const answerMayCome = new Promise((resolve) => {
        const look = () => pending.size || resolve();
        looks.add(look);
        setTimeout(look, ANSWER_FIRST);
      });
      const byPage = async () => {
        await answerMayCome;
        return until(() => settled ?? onPage(rules), within);
      };
      const shown = rules.some((rule) => rule.page) ? byPage() : silence;
      const first = await Promise.race([decided, shown, silence]);
      clearTimeout(over);
      return first ?? onPage(rules) ?? unforeseen ?? { outcome: "unknown", reference: null, message: "no answer in time" };
    }

    return {
      stop() {
        stop();
        stopOverhearing();
      },
      verdict,
      press: () => (isPressed = true),
      isPressed: () => isPressed,
      settled: () => settled,
      isPending: () => pending.size > 0,
      /** The page may show what comes of an answer before we have read it. */
      heardOut: () =>
        new Promise((resolve) => {
          const look = () => unheard.size || resolve();
          looks.add(look);
          setTimeout(resolve, ANSWER_FIRST);
          look();
        }),
    };
  }

  return { judging, onPage };
}
