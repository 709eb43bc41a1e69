/**
 * Notes what Playwright's recorder does not tell of what a person does on a page: by what an element can be found
 * again, what it stands in, what is chosen in a picker. And what the page shows, each time it has come to rest.
 *
 * Nothing that is typed is told, and of what the browser keeps the names only.
 *
 * Runs in every document before the site's own scripts. Every note goes to the binding `sniperNote`.
 */
() => {
  const TEST_IDS = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa"];
  const CONTROLS =
    "button, a[href], input, select, textarea, label, summary, [role='button'], [role='link'], [role='tab'], " +
    "[role='option'], [role='menuitem'], [role='checkbox'], [role='radio'], [role='gridcell'], [role='switch'], [onclick]";
  const NAMED_BY_TEXT = "button, a, summary, td, th, li, [role], input[type='submit'], input[type='button']";
  const DIALOGS = "dialog, [role='dialog'], [role='alertdialog'], [aria-modal='true'], .modal";
  const MOST_TEXT = 80;
  /** A longer text is no name of a control. */
  const MOST_NAME = 40;
  const MOST_SHOWN = 250;
  const MOST_CARDS = 300;
  const MOST_LEAVES = 30;
  /** What the browser keeps of a sign-in is at least so long. */
  const TOKEN_LENGTH = 32;

  const send = (note) => window.sniperNote?.(JSON.stringify({ url: location.href, top: window === window.top, ...note }));

  const folded = (el) =>
    (el.matches("input[type=submit], input[type=button]") ? el.value : (el.textContent ?? "")).replace(/\s+/g, " ").trim();
  const quoted = (text) => `'${text.replace(/[\\']/g, "\\$&").replace(/\n/g, "\\a ")}'`;
  const isShown = (el) => el.checkVisibility({ visibilityProperty: true }) && el.getBoundingClientRect().width > 0;
  const byTestId = (el) => {
    const attribute = TEST_IDS.find((name) => el.getAttribute(name));
    return attribute && `${el.localName}[${attribute}=${quoted(el.getAttribute(attribute))}]`;
  };
  const matching = (root, css, text = null) =>
    [...root.querySelectorAll(css)].filter((one) => text === null || folded(one) === text);

  /** By the place in the document, from the nearest element that has a name of its own. */
  function byPlace(el) {
    const steps = [];
    for (let at = el; at && at !== document.documentElement; at = at.parentElement) {
      const named = byTestId(at) ?? (at.id && `#${CSS.escape(at.id)}`);
      if (at !== el && named && document.querySelectorAll(named).length === 1) return [named, ...steps].join(" > ");
      const same = [...(at.parentElement?.children ?? [])].filter((one) => one.localName === at.localName);
      const nth = same.length > 1 ? `:nth-of-type(${same.indexOf(at) + 1})` : "";
      steps.unshift(at.localName + nth);
    }
    return steps.join(" > ");
  }

  /** All ways to find an element again, each with how many shown elements it fits. */
  function waysTo(el) {
    const tag = el.localName;
    const ways = [];
    const add = (by, css, text = null) =>
      ways.push({ by, css, text, count: matching(document, css, text).filter(isShown).length });
    const attribute = (by, name) => {
      const value = el.getAttribute(name);
      if (value && value.length <= MOST_TEXT) add(by, `${tag}[${name}=${quoted(value)}]`);
    };
    for (const name of TEST_IDS) attribute("test_id", name);
    if (el.id) add("id", /^[A-Za-z][\w-]*$/.test(el.id) ? `#${el.id}` : `${tag}[id=${quoted(el.id)}]`);
    attribute("name", "name");
    attribute("label", "aria-label");
    const text = folded(el);
    if (el.matches(NAMED_BY_TEXT) && text && text.length <= MOST_NAME) {
      const role = el.getAttribute("role");
      const kind = role ? `[role=${quoted(role)}]` : tag === "input" ? `[type=${quoted(el.type)}]` : "";
      add("role", tag + kind, text);
    }
    const label = el.labels?.[0];
    if (label && folded(label) && folded(label).length <= MOST_TEXT) add("label", "label", folded(label));
    for (const name of ["placeholder", "title", "data-title", "autocomplete"]) attribute("label", name);
    // What stands for a control that holds a lot: the press goes through to it.
    const titled = el.childElementCount && el.querySelector("[data-title], [title], img[alt]");
    if (titled)
      for (const name of ["data-title", "title", "alt"])
        if (titled.getAttribute(name)) add("label", `${titled.localName}[${name}=${quoted(titled.getAttribute(name))}]`);
    if (tag === "a") attribute("href", "href");
    if (tag === "input" || tag === "button") attribute("type", "type");
    if (tag.includes("-")) add("type", tag);
    add("place", byPlace(el));
    return ways;
  }

  const attributesOf = (el) =>
    Object.fromEntries(
      [...el.attributes]
        .filter(({ name, value }) => /^(data-|id$|ref$|href$|name$|value$|title$|aria-label$)/.test(name) && value.length <= 200)
        .map(({ name, value }) => [name, value]),
    );

  /** The elements around one, the nearest first, with what their attributes say. */
  function around(el) {
    const found = [];
    for (let at = el.parentElement; at && at !== document.body && found.length < 8; at = at.parentElement)
      found.push({ tag: at.localName, attributes: attributesOf(at) });
    return found;
  }

  /** What elements like this one have in common; the classes of one's state are in the fewest. */
  function kindOf(el) {
    const tested = byTestId(el);
    if (tested) return tested;
    const counted = [...el.classList].map((name) => {
      const css = `${el.localName}.${CSS.escape(name)}`;
      return { css, count: document.querySelectorAll(css).length };
    });
    counted.sort((one, other) => other.count - one.count);
    return counted[0]?.css ?? el.localName;
  }

  /** Where a text stands within a card. */
  function within(card, el) {
    const own = byTestId(el);
    if (own) return own;
    for (let at = el.parentElement; at && at !== card; at = at.parentElement)
      if (byTestId(at)) return `${byTestId(at)} ${el.localName}`;
    return el.classList.length ? `${el.localName}.${CSS.escape(el.classList[0])}` : el.localName;
  }

  /** The outermost of several elements of one kind that have no other such control, as the others have theirs. */
  function cardOf(el) {
    let card = null;
    const find = byTestId(el) ?? (el.name ? `${el.localName}[name=${quoted(el.name)}]` : el.localName);
    for (let at = el.parentElement; at && at !== document.body; at = at.parentElement) {
      const css = kindOf(at);
      const cards = [...document.querySelectorAll(css)].filter((one) => one.querySelector(find));
      if (at.querySelectorAll(find).length !== 1) break;
      if (cards.length > 1) card = { at, css, cards };
    }
    return card && told(find, card);
  }

  /** A card, with the texts in it and in the others. */
  function told(find, { at, css, cards }) {
    const leaves = [...at.querySelectorAll("*")]
      .filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()))
      .map((one) => ({ css: within(at, one), text: folded(one) }))
      .filter(({ text }) => text.length <= MOST_TEXT)
      .slice(0, MOST_LEAVES);
    const kinds = [...new Set(leaves.map((leaf) => leaf.css))];
    const others = cards
      .filter((one) => one !== at)
      .slice(0, MOST_CARDS)
      .map((one) => kinds.flatMap((kind) => matching(one, kind).map((leaf) => ({ css: kind, text: folded(leaf) }))));
    return { css, find, leaves, others };
  }

  // -- pickers

  const panelsOf = (host) =>
    [...host.querySelectorAll("[aria-controls], [aria-owns]"), host]
      .flatMap((one) => [one.getAttribute("aria-controls"), one.getAttribute("aria-owns")])
      .filter(Boolean);
  /** The ng-select whose panel this is: the panel may stand elsewhere in the document. */
  const hostOf = (panel) =>
    panel.closest("ng-select") ??
    [...document.querySelectorAll("ng-select")].find((host) =>
      panelsOf(host).some((id) => panel.id === id || panel.querySelector(`[id=${quoted(id)}]`)),
    );
  /** What an option is called: where its row says more ("2 left"), what comes first in it. */
  function nameOf(row) {
    const said = [...row.querySelectorAll("*")].filter((one) => !one.childElementCount && folded(one));
    return folded(row.querySelector(".ng-option-label") ?? said.find((one) => !one.matches(".ng-value-icon")) ?? row);
  }
  function pickerOf(el) {
    const panel = el.closest("ng-dropdown-panel");
    const host = panel ? hostOf(panel) : el.closest("ng-select");
    if (host) {
      const option = panel && el.closest(".ng-option[id], .ng-optgroup[id]");
      return { kind: "ng_select", ways: waysTo(host), option: option ? nameOf(option) : null };
    }
    if (el.localName === "select")
      return { kind: "select", ways: waysTo(el), option: el.selectedOptions[0] ? folded(el.selectedOptions[0]) : null };
    return null;
  }

  // -- what is done

  const numbers = new WeakMap();
  let last = 0;
  const numberOf = (el) => numbers.get(el) ?? (numbers.set(el, (last += 1)), last);

  const SECRET = "input[type='password'], [autocomplete='one-time-code'], [autocomplete$='-password']";
  const secrets = new WeakSet();

  function note(kind, event, more = {}) {
    const target = event.composedPath()[0];
    // The bar of Playwright's recorder is no part of the page.
    if (!(target instanceof Element) || target.closest("x-pw-glass")) return;
    if (timer !== undefined) survey();
    const el = kind === "click" ? (target.closest(CONTROLS) ?? target) : target;
    // One that shows what is typed is a field for a password all the same.
    if (el.matches(SECRET)) secrets.add(el);
    const label = el.localName === "label" ? el.control : null;
    send({
      note: "deed",
      kind: label && /^(checkbox|radio)$/.test(label.type) ? "label" : kind,
      trusted: event.isTrusted,
      // A mouse counts its clicks.
      by_key: kind === "click" && event.detail === 0,
      element: numberOf(el),
      tag: el.localName,
      type: el.getAttribute("type") ?? "",
      autocomplete: el.getAttribute("autocomplete") ?? "",
      secret: secrets.has(el),
      disabled: el.matches(":disabled, .disabled") || el.closest("[aria-disabled='true']") !== null,
      shadow: el.getRootNode() !== document,
      text: /^(input|textarea|select)$/.test(el.localName) ? "" : folded(el).slice(0, MOST_TEXT),
      ways: waysTo(el),
      attributes: secrets.has(el) || /^(input|textarea)$/.test(el.localName) ? {} : attributesOf(el),
      around: kind === "click" ? around(el) : [],
      card: kind === "click" ? cardOf(el) : null,
      picker: pickerOf(el),
      asks: document.querySelector("input[type='password']") !== null,
      ...more,
    });
  }

  const isTick = (el) => el instanceof HTMLInputElement && /^(checkbox|radio)$/.test(el.type);
  window.addEventListener("click", (event) => note(isTick(event.composedPath()[0]) ? "check" : "click", event), true);
  window.addEventListener(
    "input",
    (event) => {
      const el = event.composedPath()[0];
      if (!isTick(el)) note(el.localName === "select" ? "select" : "fill", event);
    },
    true,
  );
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key.length > 1) note("press", event, { key: event.key });
    },
    true,
  );

  // -- what is shown

  const REST = 300;
  const MOST_REST = 1500;
  let before = "";
  let timer;
  let since = 0;

  function shown() {
    const marks = [];
    const kinds = `${TEST_IDS.map((name) => `[${name}]`)}, [id], h1, h2, h3, h4, [role='alert'], [role='status'], button, input, a[href]`;
    for (const el of document.querySelectorAll(kinds)) {
      if (marks.length >= MOST_SHOWN) break;
      if (!isShown(el)) continue;
      const tested = byTestId(el);
      const named = el.id && /^[A-Za-z][\w-]*$/.test(el.id) ? `#${el.id}` : null;
      marks.push({
        css: tested ?? named ?? el.localName,
        by: tested ? "test_id" : named ? "id" : "type",
        tag: el.localName,
        type: el.getAttribute("type") ?? "",
        text: el.childElementCount > 5 ? "" : folded(el).slice(0, MOST_TEXT),
        role: el.getAttribute("role") ?? "",
        dialog: el.closest(DIALOGS) !== null,
        disabled: el.matches(":disabled, .disabled") || el.closest("[aria-disabled='true']") !== null,
      });
    }
    return marks;
  }
  const kept = () => {
    try {
      return Object.keys(localStorage).filter((key) => (localStorage.getItem(key) ?? "").length >= TOKEN_LENGTH);
    } catch {
      return [];
    }
  };
  function survey() {
    clearTimeout(timer);
    timer = undefined;
    if (!document.body) return;
    const now = {
      note: "shown",
      marks: shown(),
      local_storage: kept(),
      asks: document.querySelector("input[type='password']") !== null,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      title: document.title.slice(0, MOST_TEXT),
      site_name: document.querySelector("meta[property='og:site_name']")?.content?.slice(0, MOST_TEXT) ?? "",
      language: document.documentElement.lang,
    };
    const text = JSON.stringify([location.href, now]);
    if (text === before) return;
    before = text;
    send(now);
  }
  function restless() {
    const now = performance.now();
    if (timer === undefined) since = now;
    else if (now - since > MOST_REST) return;
    clearTimeout(timer);
    timer = setTimeout(survey, REST);
  }
  if (window === window.top) {
    new MutationObserver(restless).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    window.addEventListener("load", restless);
    restless();
  }
}
