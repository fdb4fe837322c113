// Small pieces of the page.

/** Return an element with a class and text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Return something that opens: a summary, and what it holds. */
export function fold(className: string, title: string): HTMLDetailsElement {
  const details = element("details", className);
  details.append(element("summary", "", title));
  return details;
}
