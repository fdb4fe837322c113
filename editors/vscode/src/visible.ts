// Characters that are not seen, or change what is: a user who is asked must see them.

/** Control characters but for tabs, what turns the direction of writing, and what takes
 * no room. */
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Return a text in which they are named, such as `⟨U+202E⟩`; a final CR is none. */
export function visible(text: string): string {
  const end = text.endsWith("\r") ? "\r" : "";
  return text.slice(0, text.length - end.length).replace(UNSEEN, nameOf) + end;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return `⟨U+${code}⟩`;
}
