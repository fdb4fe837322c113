// What can be done at a message: sent again, answered again, gone back to, and the other
// messages that stand in its place in the history.

import type { FromPage } from "../src/panel";
import { button, element } from "./elements";

type Tell = (message: FromPage) => void;

/** Return `‹ 2 of 3 ›`: the place of a message among its siblings. */
function switcher(siblings: string[], own: string, tell: Tell): HTMLElement {
  const place = siblings.indexOf(own);
  const go = (step: number, icon: string, name: string): HTMLButtonElement => {
    const messageId = siblings[place + step];
    const made = action(icon, name, () => {
      if (messageId) {
        tell({ kind: "rewind", messageId });
      }
    });
    made.disabled = !messageId;
    return made;
  };
  const box = element("span", "switcher");
  const text = element("span", "", `${place + 1} of ${siblings.length}`);
  box.append(
    go(-1, "previous", "Previous branch"),
    text,
    go(1, "next", "Next branch"),
  );
  return box;
}

/** Return a button that the style sheet draws an icon on. */
function action(icon: string, name: string, press: () => void): HTMLButtonElement {
  const made = button(`secondary plain icon-${icon}`, "", press);
  made.title = made.ariaLabel = name;
  return made;
}

/** Return a bar with what can be done at a prompt. */
export function promptBar(
  messageId: string,
  siblings: string[] | undefined,
  tell: Tell,
  edit: () => void,
): HTMLElement {
  const bar = element("div", "branches");
  if (siblings) {
    bar.append(switcher(siblings, messageId, tell));
  }
  bar.append(
    action("edit", "Edit this prompt", edit),
    action("rewind", "Rewind to here", () => tell({ kind: "rewind", messageId })),
  );
  return bar;
}

export interface Answer {
  /** The prompt that it answers. */
  promptId: string;
  /** Its last message. */
  lastId: string;
  /** What stands in its place, and which of it is shown. */
  siblings?: string[];
  ownId?: string;
}

/** Return a bar with what can be done at an answer. */
export function answerBar(
  { promptId, lastId, siblings, ownId }: Answer,
  tell: Tell,
): HTMLElement {
  const bar = element("div", "branches");
  if (siblings && ownId) {
    bar.append(switcher(siblings, ownId, tell));
  }
  const again = (choose: boolean) => () =>
    tell({ kind: "regenerate", messageId: promptId, choose });
  bar.append(
    action("again", "Try again", again(false)),
    action("again-with", "Try again with another model", again(true)),
    action("fork", "Fork from here", () => tell({ kind: "fork", messageId: lastId })),
    action("rewind", "Rewind to here", () =>
      tell({ kind: "rewind", messageId: lastId }),
    ),
  );
  return bar;
}
