/**
 * Finds elements by CSS, also in open shadow roots: a selector reaches into them as if their content stood in the
 * element they belong to, as Playwright's selectors do. Where the document has none, the browser's own search is all
 * there is to it.
 *
 * Returns {query, textOf, isIn, within, observed}.
 */
() => {
  /** All open roots there were, as weak references: those of elements that are gone are not kept. */
  const known = new Set();
  const met = new WeakSet();
  /** What wants to hear of the next ones. */
  const newcomers = new Set();

  function meet(root) {
    if (met.has(root)) return;
    met.add(root);
    known.add(new WeakRef(root));
    newcomers.forEach((welcome) => welcome(root));
  }
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (how) {
    const root = attachShadow.call(this, how);
    if (root.mode === "open") meet(root);
    return root;
  };
  const all = () =>
    [...known].map((one) => one.deref() ?? (known.delete(one), null)).filter((root) => root !== null);

  /** Roots that come with the document's HTML, which no script attaches. */
  const meetWritten = (scope) =>
    scope.querySelectorAll("*").forEach(({ shadowRoot }) => {
      if (!shadowRoot) return;
      meet(shadowRoot);
      meetWritten(shadowRoot);
    });
  document.addEventListener("DOMContentLoaded", () => meetWritten(document));

  /** What an element is in: its parent, or the element whose root it is in. */
  const above = (el) => el.parentElement ?? (el.parentNode instanceof ShadowRoot ? el.parentNode.host : null);
  /** Is it that, or does it stand anywhere in it? */
  function isIn(el, scope) {
    for (let one = el; one; one = above(one)) if (one === scope) return true;
    return false;
  }
  /** Does an element, or one that it is in, fit plain CSS? */
  function within(el, css) {
    if (!known.size) return el.closest(css) !== null;
    for (let one = el; one; one = above(one)) if (one.matches(css)) return true;
    return false;
  }

  // -- what a selector says: a list of alternatives, each of which is steps from outside to inside

  const QUOTED = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/s;
  const TESTS = /^:(is|where|not|has)\($/;
  const read = new Map();

  /** Where the bracket that opens at `start` is closed; the end of the text if it never is. */
  function closing(text, start) {
    let depth = 0;
    for (let at = start; at < text.length; at += 1) {
      if (text[at] === "\\") at += 1;
      else if (text[at] === '"' || text[at] === "'") at += (QUOTED.exec(text.slice(at))?.[0].length ?? 1) - 1;
      else if ("([".includes(text[at])) depth += 1;
      else if (")]".includes(text[at]) && (depth -= 1) === 0) return at;
    }
    return text.length;
  }

  /** Each alternative is [{by, css, tests}, …]: `by` is the combinator before it, "" for the first. */
  function parsed(text) {
    if (read.has(text)) return read.get(text);
    const found = [];
    let steps = [];
    let step = null;
    let by = "";
    const begun = () => (step ??= (steps.push({ by, css: "", tests: [] }), (by = ""), steps.at(-1)));
    const ended = () => {
      if (steps.length) found.push(steps);
      [steps, step, by] = [[], null, ""];
    };
    for (let at = 0; at < text.length; ) {
      const char = text[at];
      if (/\s/.test(char)) {
        if (step) [step, by] = [null, " "];
        at += 1;
      } else if (">+~".includes(char)) {
        [step, by] = [null, char];
        at += 1;
      } else if (char === ",") {
        ended();
        at += 1;
      } else {
        const test = TESTS.exec(/^:[\w-]+\(/.exec(text.slice(at))?.[0] ?? "");
        if (test) {
          const end = closing(text, at);
          const choices = parsed(text.slice(at + test[0].length, end));
          // What stands beside an element is in its own tree: the browser finds it.
          if (choices.some(([{ by }]) => by === "+" || by === "~")) begun().css += text.slice(at, end + 1);
          else begun().tests.push([test[1], choices]);
          at = end + 1;
        } else {
          const length = "([".includes(char) ? closing(text, at) + 1 - at : char === "\\" ? 2 : 1;
          begun().css += text.slice(at, at + length);
          at += length;
        }
      }
    }
    ended();
    read.set(text, found);
    return found;
  }

  const TESTED = {
    is: (el, choices, scope) => choices.some((steps) => fits(el, steps, steps.length - 1, scope)),
    not: (el, choices, scope) => !TESTED.is(el, choices, scope),
    has: (el, choices) => choices.some((steps) => search(el, steps).length > 0),
  };
  TESTED.where = TESTED.is;

  const fitsAlone = (el, { css, tests }, scope) =>
    (!css || el.matches(css)) && tests.every(([name, choices]) => TESTED[name](el, choices, scope));

  /** Does an element fit the steps up to `last`? What is looked for in `scope` stands inside of it. */
  function fits(el, steps, last, scope) {
    return el !== scope && fitsAlone(el, steps[last], scope) && standsRight(el, steps, last, scope);
  }
  function standsRight(el, steps, last, scope) {
    const { by } = steps[last];
    if (last === 0) return by === "" || (by === ">" && above(el) === scope);
    if (by === ">" || by === " ") {
      for (let one = above(el); one && one !== scope; one = by === ">" ? null : above(one))
        if (fits(one, steps, last - 1, scope)) return true;
      return false;
    }
    for (let one = el.previousElementSibling; one; one = by === "+" ? null : one.previousElementSibling)
      if (fits(one, steps, last - 1, scope)) return true;
    return false;
  }

  /** Everything in `scope` that fits one alternative, what is in a root after what stands beside it. */
  function search(scope, steps) {
    const last = steps.at(-1);
    const roots = all().filter(({ host }) => host.isConnected && (scope === document || isIn(host, scope)));
    const found = [];
    const visit = (place) => {
      for (const el of place.querySelectorAll(last.css || "*"))
        if (fits(el, steps, steps.length - 1, scope)) found.push(el);
      const here = roots.filter(({ host }) => host === place || place.contains(host));
      here.sort((one, other) => (one.host.compareDocumentPosition(other.host) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
      here.forEach(visit);
    };
    visit(scope);
    return found;
  }

  /** By where they stand, what is in a root after what its element has itself. */
  function inOrder(elements) {
    const pathOf = (el) => {
      const path = [];
      for (let one = el; one; one = above(one)) path.unshift(one);
      return path;
    };
    const paths = new Map(elements.map((el) => [el, pathOf(el)]));
    return elements.sort((one, other) => {
      const [a, b] = [paths.get(one), paths.get(other)];
      let at = 0;
      while (a[at] === b[at]) at += 1;
      if (!a[at] || !b[at]) return a[at] ? 1 : -1;
      const [inRoot, otherInRoot] = [a[at], b[at]].map((el) => el.parentNode instanceof ShadowRoot);
      if (inRoot !== otherInRoot) return inRoot ? 1 : -1;
      return a[at].compareDocumentPosition(b[at]) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    });
  }

  /** All elements in `scope` that a selector means. */
  function query(scope, css) {
    if (!known.size) return [...scope.querySelectorAll(css)];
    const choices = parsed(css);
    const found = new Set(choices.flatMap((steps) => search(scope, steps)));
    return choices.length > 1 ? inOrder([...found]) : [...found];
  }

  /** All text in an element, that of its roots after its own. */
  function textOf(el) {
    if (!known.size) return el.textContent;
    if (el instanceof Element && el.matches("script, style, noscript")) return "";
    const own = [...el.childNodes].map((one) =>
      one instanceof Text ? one.data : one instanceof Element ? textOf(one) : "",
    );
    return own.join("") + (el.shadowRoot ? textOf(el.shadowRoot) : "");
  }

  /** Calls back with the document and each root, those too that are attached later, until what it returns is called. */
  function observed(look) {
    look(document);
    all().forEach(look);
    newcomers.add(look);
    return () => newcomers.delete(look);
  }

  return { query, textOf, isIn, within, observed };
}
