/** Finds what a selector of the profile means, and waits for it. Returns {locate, seen, READY, until}. */
() => {
  const folded = (node) => (node.textContent ?? "").replace(/\s+/g, " ").trim();

  /** The elements a selector means. */
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

  return { locate, seen, READY, until };
}
