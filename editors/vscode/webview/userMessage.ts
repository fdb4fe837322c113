// The user's side of a turn: the prompt, and what went along with it.

import type { LineRange, Message } from "../src/protocol";
import { element, fold } from "./elements";

export function userMessage(message: Message): HTMLElement {
  const article = element("article", "message user");
  for (const part of message.parts) {
    if (part.kind === "text") {
      article.append(element("p", "prompt", part.text));
    } else if (part.kind === "resource") {
      const details = fold("resource", nameOf(part.uri) + linesOf(part.range));
      details.append(element("pre", "", part.text));
      article.append(details);
    } else if (part.kind === "image") {
      const picture = element("img", "picture");
      picture.src = `data:${part.mediaType};base64,${part.data}`;
      picture.alt = "A picture that was sent along";
      article.append(picture);
    }
  }
  return article;
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.split(/[/:]/).at(-1) ?? uri);
}

function linesOf(range: LineRange | null): string {
  if (!range) {
    return "";
  }
  const first = range.start + 1;
  return range.end > first ? `:${first}-${range.end}` : `:${first}`;
}
