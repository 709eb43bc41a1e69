/**
 * Tells by the profile's rules what the site says to a press, in its answer or on the page.
 *
 * A verdict is {outcome, reference, message}, and `answer` where no rule fits it.
 *
 * Returns {isAbout, meaning, onPage, verdict}.
 */
({ seen, until }) => {
  /** How long what the page shows waits for an answer, which says more. */
  const ANSWER_FIRST = 250;
  /** How much of an answer is kept that nobody understands. */
  const KEPT = 100_000;

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
    return !keys.length || (json?.constructor === Object && keys.every(([key, value]) => same(json[key], value)));
  }

  /** What an answer means, by the first rule that fits. */
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
    return {
      outcome: "unknown",
      reference: null,
      message: `no rule fits the answer ${status}: ${words}`,
      answer: { ...request, status, body: body.slice(0, KEPT) },
    };
  }

  /** What the page itself says, if a rule speaks of it. */
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

  return { isAbout, meaning, onPage, verdict };
}
