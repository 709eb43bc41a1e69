/**
 * Asks the site for something, as a script of the page would.
 *
 * Argument: {url, method, form, fromPage}, the last two by the names of the fields: values, and selectors of the
 * elements whose values they are. Resolves, when the answer is there, with null; with the name of the first field
 * whose element is missing, without having asked.
 */
async ({ url, method, form, fromPage }) => {
  const fields = new URLSearchParams(form);
  for (const [name, css] of Object.entries(fromPage)) {
    const found = document.querySelector(css);
    if (!found) return name;
    fields.set(name, found.value ?? found.getAttribute("content") ?? "");
  }
  const hasBody = !["GET", "HEAD"].includes(method);
  const to = new URL(url);
  if (!hasBody) fields.forEach((value, name) => to.searchParams.set(name, value));
  const headers = { "X-Requested-With": "XMLHttpRequest" };
  const answer = await fetch(to, { method, headers, body: hasBody ? fields : undefined });
  await answer.arrayBuffer();
  return null;
}
