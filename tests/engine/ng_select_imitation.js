/**
 * An ng-select by hand, with what was measured of the library's releases: the events it listens to, in which order
 * its attributes change, which of them tell what. For what the practice site's picker does not have.
 *
 * `items` are texts, or {text, html, disabled, group}. The other options are those of the library, and `era`.
 */
window.imitation = (place, options) => {
  const {
    items = [], era = "21", searchable = true, multiple = false, closeOnSelect = true, disabled = false,
    label = (item) => `<span class="ng-value-icon left">×</span><span class="ng-value-label">${item.html}</span>`,
    typeahead = null, selectableGroup = false, addTag = false, header = "", deaf = false, opened = () => {},
  } = options;
  const eras = {
    // Where "open or not" stands, what points at the panel, what has its id, and into what it goes.
    "9": { says: ".ng-input", points: "aria-owns", id: "ng-dropdown-panel", into: null, lies: false },
    "13.9": { says: "input", points: "aria-controls", id: "ng-dropdown-panel", into: null, lies: false },
    "15.2": { says: "input", points: "aria-controls", id: "ng-dropdown-panel", into: null, lies: true },
    "21": { says: "input", points: "aria-controls", id: "ng-dropdown-panel", into: "body", lies: false },
    "23": { says: "input", points: "aria-controls", id: "[role=listbox]", into: null, lies: false },
    "24": { says: "input", points: "aria-controls", id: "[role=listbox]", into: ".cdk-overlay-container", lies: false },
  };
  const { says, points, id, into, lies } = eras[era];
  const number = (window.imitations = (window.imitations ?? 0) + 1);
  const html = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const made = (item) =>
    typeof item === "string" ? { text: item, html: html(item) } : { html: html(item.text ?? ""), ...item };

  const host = document.createElement("ng-select");
  host.className = `ng-select ${multiple ? "ng-select-multiple" : "ng-select-single"}`;
  host.innerHTML = `<div class="ng-select-container">
      <div class="ng-value-container"><div class="ng-input"><input ${searchable ? "" : "readonly"}></div></div>
      <span class="ng-arrow-wrapper"><span class="ng-arrow"></span></span></div>`;
  place.append(host);
  const container = host.querySelector(".ng-select-container");
  const input = host.querySelector("input");
  const speaker = host.querySelector(says);
  const state = { host, list: items.map(made), chosen: [], isOff: disabled, isLoading: false, pressed: 0 };
  let panel = null;
  if (lies) host.classList.add("ng-select-opened", "ng-select-typeahead", "ng-select-searchable");
  if (typeahead) host.classList.add("ng-select-typeahead");
  speaker.setAttribute("aria-expanded", "false");

  const drawn = (item, index) => {
    const isGroup = item.isGroup === true;
    const off = item.disabled || (isGroup && !selectableGroup);
    return `<div role="${isGroup ? "group" : "option"}" id="a${number}-${index}" class="${isGroup ? "ng-optgroup" : "ng-option"}
      ${off ? "ng-option-disabled" : ""} ${state.chosen.includes(item) ? "ng-option-selected" : ""}">${item.html}</div>`;
  };
  const message = (text) => `<div class="ng-option ng-option-disabled">${text}</div>`;
  const rows = () => (typeahead ? state.list : state.list.filter((item) => item.text.toLowerCase().includes(input.value.toLowerCase())));
  const draw = () => {
    host.querySelector(".ng-spinner-loader")?.remove();
    if (state.isLoading) container.insertAdjacentHTML("beforeend", '<div class="ng-spinner-loader"></div>');
    input.disabled = state.isOff;
    host.querySelectorAll(".ng-value").forEach((value) => value.remove());
    const values = state.chosen.map((item) => `<div class="ng-value">${label(item)}</div>`).join("");
    host.querySelector(".ng-value-container").insertAdjacentHTML("afterbegin", values);
    if (!panel) return;
    const tag = addTag && input.value ? `<div class="ng-option" role="option">Add item "${html(input.value)}"</div>` : "";
    panel.querySelector(".ng-dropdown-panel-items").innerHTML =
      rows().map((item) => drawn(item, state.list.indexOf(item))).join("") + tag ||
      message(state.isLoading ? "Loading..." : typeahead && !input.value ? "Type to search" : "No items found");
  };
  const open = () => {
    if (panel || state.isOff) return;
    panel = document.createElement("ng-dropdown-panel");
    panel.innerHTML = `${header}<div role="listbox" class="ng-dropdown-panel-items scroll-host"></div>`;
    (panel.matches(id) ? panel : panel.querySelector(id)).id = `a${number}`;
    (into ? document.querySelector(into) : host).append(panel);
    panel.addEventListener("click", taken);
    speaker.setAttribute(points, `a${number}`);
    speaker.setAttribute("aria-expanded", "true");
    if (!lies) host.classList.add("ng-select-opened");
    draw();
    input.focus();
    opened(state);
  };
  const close = () => {
    panel?.remove();
    panel = null;
    input.value = "";
    speaker.removeAttribute(points);
    speaker.setAttribute("aria-expanded", "false");
    if (!lies) host.classList.remove("ng-select-opened");
    draw();
  };
  const taken = ({ target }) => {
    const row = target.closest(".ng-dropdown-panel-items > div");
    if (!row) return;
    state.pressed += 1;
    if (addTag && !row.id && row.textContent.startsWith("Add item")) state.list.push(made(input.value));
    const item = row.id ? state.list[row.id.split("-")[1]] : null;
    if (!item || row.classList.contains("ng-option-disabled") || deaf) return;
    if (!multiple) state.chosen = [item];
    // In a multiple select a click un-selects what is selected.
    else if (state.chosen.includes(item)) state.chosen = state.chosen.filter((one) => one !== item);
    else state.chosen = [...state.chosen, item];
    if (closeOnSelect) close();
    else draw();
  };
  container.addEventListener("mousedown", ({ target }) => {
    if (target.classList.contains("ng-arrow-wrapper") || !searchable) panel ? close() : open();
    else open();
  });
  host.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  input.addEventListener("input", () => (typeahead ? typeahead(input.value, state) : undefined, panel ? draw() : open()));
  /** What an app does to it: new items, disabled or not, loading or not. */
  state.set = ({ items: anew, ...rest }) => {
    Object.assign(state, rest, anew ? { list: anew.map(made) } : {});
    draw();
  };
  state.texts = () => state.chosen.map((item) => item.text);
  state.isOpen = () => panel !== null;
  state.choose = (text) => (state.chosen = [...state.chosen, state.list.find((item) => item.text === text)]) && draw();
  draw();
  return state;
};
