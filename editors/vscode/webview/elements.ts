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

/** Return a button that does something when it is pressed. */
export function button(
  className: string,
  label: string,
  press: () => void,
): HTMLButtonElement {
  const made = element("button", className, label);
  made.type = "button"; // not one that sends a form
  made.addEventListener("click", press);
  return made;
}

/** Return the numbers of lines that are added and taken away. */
export function counts(added: number, removed: number): HTMLElement {
  const made = element("span", "counts");
  made.append(element("span", "count added", `+${added}`), " ");
  made.append(element("span", "count removed", `−${removed}`));
  return made;
}

/** Return something that opens: a summary, and what it holds. */
export function fold(className: string, title: string): HTMLDetailsElement {
  const details = element("details", className);
  details.append(element("summary", "", title));
  return details;
}
