// A summary that stands for older messages.

import type { FromPage } from "../src/panel";
import type { Message } from "../src/protocol";
import { button, element, fold } from "./elements";

/** Return a fold that shows a summary, or nothing for another message of the system. */
export function summaryOf(
  message: Message,
  tell: (message: FromPage) => void,
): HTMLElement | undefined {
  const compaction = message.metadata.compaction;
  if (!compaction) {
    return undefined;
  }
  const { tokensBefore, tokensAfter, toolResultsOnly, undone } = compaction;
  const what = toolResultsOnly ? "Old results of tools are not sent" : "Summary";
  const tokens = `${tokensBefore.toLocaleString()} → ${tokensAfter.toLocaleString()}`;
  const details = fold("summary", `${what} · ${tokens} tokens`);
  details.dataset["messages"] = message.id;
  for (const part of message.parts) {
    if (part.kind === "text") {
      details.append(element("p", "prompt", part.text));
    }
  }
  if (undone) {
    details.append(element("p", "note", "Undone: all is sent again."));
  } else {
    const messageId = message.id;
    const undo = () => tell({ kind: "uncompact", messageId });
    details.append(button("secondary", "Undo", undo));
  }
  return details;
}
