// What a turn changed: files and lines, to look at, to keep, or to take back.

import type { Change, ChangesOfTurn } from "../src/protocol";
import { button, counts, element, fold } from "./elements";
import { nameOf } from "./names";
import type { Surroundings } from "./toolCall";

const WHAT = { created: "new", edited: "", deleted: "deleted", renamed: "renamed" };

export class ChangesBar {
  readonly element = fold("changes", "");
  private readonly summary = this.element.querySelector("summary")!;
  private readonly body = element("div", "changes-body");

  /** `onKeep` is told when the user has seen enough of it. */
  constructor(
    private readonly messageId: string,
    private readonly around: Surroundings,
    private readonly onKeep: () => void,
  ) {
    this.element.append(this.body);
  }

  show({ changes, refused }: Pick<ChangesOfTurn, "changes" | "refused">): void {
    const title = element("span", "changes-title", titleOf(changes));
    this.summary.replaceChildren(title, countsOf(changes));
    const files = element("ul", "changed-files");
    files.append(...changes.map((change) => this.rowOf(change)));
    const reasons = refused.map(({ uri, reason }) =>
      element("p", "note warning", `${nameOf(uri)}: ${reason}`),
    );
    this.body.replaceChildren(files, ...reasons, this.actionsFor(changes));
  }

  private rowOf(change: Change): HTMLElement {
    const { uri, newUri, kind, reverted } = change;
    const { messageId } = this;
    const row = element("li", "changed-file");
    row.dataset["reverted"] = String(reverted);
    const name = button("file-name", nameOf(newUri ?? uri), () => {
      this.around.tell({ kind: "showChanges", messageId, uri });
    });
    name.title = `Open diff${newUri ? ` (it was ${nameOf(uri)})` : ""}`;
    row.append(
      name,
      element("span", "file-what", WHAT[kind]),
      countsOf([change]),
      this.turner(reverted ? "bringBack" : "takeBack", [uri]),
    );
    return row;
  }

  /** Return the buttons for all files together. */
  private actionsFor(changes: Change[]): HTMLElement {
    const { messageId } = this;
    const actions = element("div", "changes-actions");
    actions.append(button("secondary", "Keep", () => this.keep()));
    if (changes.some(({ reverted }) => !reverted)) {
      actions.append(this.turner("takeBack"));
    }
    if (changes.some(({ reverted }) => reverted)) {
      actions.append(this.turner("bringBack"));
    }
    const open = () => this.around.tell({ kind: "showChanges", messageId });
    actions.append(button("secondary", "Open diffs", open));
    return actions;
  }

  /** Return the button that takes files back, or brings them back. */
  private turner(kind: "takeBack" | "bringBack", uris?: string[]): HTMLElement {
    const label = kind === "takeBack" ? "Take back" : "Bring back";
    const { messageId } = this;
    const which = { messageId, ...(uris && { uris }) };
    return button("secondary", label, () => this.around.tell({ kind, ...which }));
  }

  private keep(): void {
    this.element.open = false;
    this.onKeep();
    this.around.focusPrompt();
  }
}

function titleOf(changes: Change[]): string {
  const files = changes.length === 1 ? "1 file" : `${changes.length} files`;
  const isBack = changes.every(({ reverted }) => reverted);
  return `${files} changed${isBack ? ", and taken back" : ""}`;
}

function countsOf(changes: Change[]): HTMLElement {
  const sum = (of: "added" | "removed") =>
    changes.reduce((total, change) => total + change[of], 0);
  return counts(sum("added"), sum("removed"));
}
