/**
 * What the elements of a document can be known by: their ids, their classes, the names of custom elements, and the
 * values of these attributes. Open shadow roots are looked into. Returns a function of the attributes' names.
 */
() => {
  const namesOf = (one, attributes) => [
    one.id && `#${one.id}`,
    one.localName.includes("-") && one.localName,
    ...[...one.classList].map((name) => `.${name}`),
    ...attributes.map((name) => one.getAttribute(name) && `[${name}='${one.getAttribute(name)}']`),
  ];

  const below = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? below(one.shadowRoot) : [])]);

  return (attributes) => [...new Set(below(document).flatMap((one) => namesOf(one, attributes)))].filter(Boolean);
}
