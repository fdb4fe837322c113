// What a tool call is about: its command, the diff of what it changes, or its arguments.

import type { CallDetails } from "../src/protocol";
import { DiffView } from "./diff";
import { element } from "./elements";
import { countsOf, readDiff, type FileDiff } from "./unifiedDiff";
import { visible } from "../src/visible";

export class Subject {
  readonly element = element("div", "subject");
  private files: FileDiff[] | undefined;
  private view: DiffView | undefined;

  constructor(args: Record<string, unknown>) {
    this.element.append(element("pre", "arguments", JSON.stringify(args, null, 2)));
  }

  show({ diff, command, folder }: CallDetails): void {
    if (command) {
      this.element.replaceChildren(commandOf(command, folder));
    }
    if (diff && !this.files) {
      this.files = readDiff(diff);
      this.element.replaceChildren();
    }
  }

  /** How many lines are added and taken away, where that is known. */
  get counts(): { added: number; removed: number } | undefined {
    return countsOf(this.files ?? []);
  }

  /** Return the diff, drawn once somebody looks at it. */
  diff(): DiffView | undefined {
    if (this.files && !this.view) {
      this.view = new DiffView(this.files);
      this.element.replaceChildren(this.view.element);
    }
    return this.view;
  }
}

function commandOf(command: string, folder: string | undefined): HTMLElement {
  const box = element("div", "command");
  box.append(element("pre", "command-line", visible(command)));
  if (folder) {
    box.append(element("p", "command-folder", `in ${visible(folder)}`));
  }
  return box;
}
