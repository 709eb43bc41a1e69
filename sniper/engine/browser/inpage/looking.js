/** Finds what a selector of the profile means, and waits for it. Returns {locate, firstReady, seen, isEnabled,
 * until, lookAgain}. */
({ query, textOf, within, observed }, { laidOut }) => {
  /** The text an element shows, white space folded; of an <input> that is a button, what stands on it. */
  const folded = (el) =>
    (el.matches("input[type=submit], input[type=button]") ? el.value : textOf(el)).replace(/\s+/g, " ").trim();

  /** The elements a selector means. */
  function locate({ css, has, text, find }) {
    let found = query(document, css);
    for (const inner of has)
      found = found.filter((one) => query(one, inner.css).some((el) => inner.text.includes(folded(el))));
    if (text !== null) found = found.filter((one) => folded(one) === text);
    return find === null ? found : found.flatMap((one) => query(one, find));
  }

  const hasSize = ({ width, height }) => width > 0 && height > 0;
  const textShows = (node) => {
    const range = document.createRange();
    range.selectNode(node);
    return hasSize(range.getBoundingClientRect());
  };
  /** Has it no box of its own, so that what is inside it shows for it? */
  const isOnlyContents = (el) => getComputedStyle(el).display === "contents";
  const isShown = (el) =>
    el.checkVisibility({ visibilityProperty: true })
      ? hasSize(el.getBoundingClientRect())
      : isOnlyContents(el) &&
        [...el.childNodes].some((one) => (one instanceof Element ? isShown(one) : one instanceof Text && textShows(one)));
  const isEnabled = (el) =>
    !el.matches(":disabled, .disabled") && !within(el, "[aria-disabled='true'], [inert]") && isShown(el);
  const isEditable = (el) => !el.matches("[readonly], [aria-readonly='true']") && isEnabled(el);
  const READY = { visible: isShown, enabled: isEnabled, editable: isEditable };

  /** The first of the elements that is in this state: present, visible, enabled or editable. */
  function firstReady(selector, state) {
    const found = locate(selector);
    return state === "present" || !found.length ? found[0] : laidOut(() => found.find(READY[state]));
  }
  const seen = (selector) => firstReady(selector, "visible");

  /** What looks again when something may have changed that is no mutation of the document. */
  const looks = new Set();
  const lookAgain = () => looks.forEach((look) => look());
  const hear = (place) => {
    for (const kind of ["transitionend", "animationend", "load", "toggle", "change", "input"]) place.addEventListener(kind, lookAgain, true);
  };
  hear(window);
  // Out of a shadow root not all of them are heard.
  observed((root) => root !== document && hear(root));
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
        leave();
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
      const leave = observed((root) =>
        observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true }),
      );
      looks.add(look);
      timer = setTimeout(() => {
        look();
        finish(resolve, undefined);
      }, milliseconds);
      look();
    });
  }

  return { locate, firstReady, seen, isEnabled, until, lookAgain };
}
