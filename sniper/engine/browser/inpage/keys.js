/**
 * Presses a key where the focus is, by its events, and does what the browser itself would do for it: to events that
 * a script has made it does nothing. The keys are those of `sites/steps.py`.
 *
 * Returns {keyPressed}.
 */
({ query }) => {
  const CODES = { Enter: 13, Escape: 27 };
  const SUBMITS = "button:not([type]), button[type=submit], input[type=submit], input[type=image]";
  const PRESSED = "button, summary, a[href], input:is([type=submit], [type=button], [type=reset], [type=image])";
  /** Fields in which one presses Enter to send the form. */
  const LINES = "input:not([type=checkbox], [type=radio], [type=file], [type=range], [type=color], [type=hidden])";
  /** Where several of these are, and no button, Enter sends nothing. */
  const BLOCKS = "input:not([type]), input:is([type=text], [type=search], [type=tel], [type=url], [type=email], " +
    "[type=password], [type=date], [type=month], [type=week], [type=time], [type=datetime-local], [type=number])";

  function entered(el) {
    if (el.matches(PRESSED)) return el.click();
    const { form } = el;
    if (!form || !el.matches(LINES)) return;
    const own = [...form.elements, ...form.querySelectorAll("input[type=image]")];
    const button = own.find((one) => one.matches(SUBMITS));
    // A button that is disabled holds the form back.
    if (button) button.click();
    else if (own.filter((one) => one.matches(BLOCKS)).length < 2) form.requestSubmit();
  }

  function escaped() {
    const open = query(document, "dialog:modal").at(-1);
    if (open && open.dispatchEvent(new Event("cancel", { cancelable: true }))) open.close();
  }

  function keyPressed(key) {
    let el = document.activeElement ?? document.body;
    while (el.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
    const about = { key, code: key, keyCode: CODES[key], which: CODES[key], bubbles: true, cancelable: true, composed: true };
    const tell = (kind) => el.dispatchEvent(new KeyboardEvent(kind, about));
    if (key === "Enter" ? tell("keydown") && tell("keypress") : tell("keydown")) key === "Enter" ? entered(el) : escaped();
    tell("keyup");
  }

  return { keyPressed };
}
