// A unified diff in colours. Its hunks can be left out, where that is still to be said.

import { button, element } from "./elements";
import type { FileDiff, Hunk, Line } from "./unifiedDiff";
import { visible } from "../src/visible";

/** So many lines are drawn at first, and so many each time the user wants more. */
const FIRST_LINES = 400;
const MORE_LINES = 2000;

const CLASSES = { " ": "same", "+": "added", "-": "removed" } as const;

export class DiffView {
  readonly element = element("div", "diff");
  /** How many hunks there are. */
  readonly size: number;
  private readonly rows = element("div", "diff-rows");
  private readonly more = button("secondary more", "Show more lines", () => {
    this.grow(MORE_LINES);
  });
  private readonly leftOut = new Set<number>();
  private readonly steps: Iterator<void>;
  private onChoose: (() => void) | undefined;

  constructor(private readonly files: FileDiff[]) {
    this.size = files.flatMap((file) => file.hunks).length;
    this.steps = this.draw();
    this.element.append(this.rows, this.more);
    this.grow(FIRST_LINES);
  }

  /** The numbers of the hunks that are taken, if not all are. */
  get chosen(): number[] | undefined {
    const all = [...Array(this.size).keys()];
    return this.leftOut.size
      ? all.filter((hunk) => !this.leftOut.has(hunk))
      : undefined;
  }

  /** Let the user leave hunks out, from now on, where there are several. */
  beginChoice(onChoose: () => void): void {
    this.onChoose = onChoose;
    this.element.classList.toggle("choosing", this.size > 1);
  }

  endChoice(): void {
    this.onChoose = undefined;
    this.element.classList.remove("choosing");
  }

  private grow(lines: number): void {
    for (let drawn = 0; drawn < lines; drawn += 1) {
      if (this.steps.next().done) {
        this.more.remove();
        return;
      }
    }
  }

  /** Draw line by line, as far as somebody looks. */
  private *draw(): Generator<void> {
    for (const file of this.files) {
      this.rows.append(headOf(file));
      for (const hunk of file.hunks) {
        const lines = element("pre", "hunk-lines");
        this.rows.append(this.headOfHunk(hunk), lines);
        for (const line of hunk.lines) {
          lines.append(rowOf(line));
          yield;
        }
      }
      if (file.isCut) {
        this.rows.append(element("p", "note", "The rest of the diff was not kept."));
      }
    }
  }

  private headOfHunk(hunk: Hunk): HTMLElement {
    const label = element("label", "hunk-head");
    const box = element("input", "hunk-choice");
    box.type = "checkbox";
    box.checked = true;
    box.title = "Whether this change is made";
    box.addEventListener("change", () => {
      this.leftOut[box.checked ? "delete" : "add"](hunk.number);
      label.classList.toggle("left-out", !box.checked);
      this.onChoose?.();
    });
    label.append(box, element("span", "hunk-place", `Line ${hunk.start}`));
    label.append(element("span", "hunk-section", visible(hunk.section)));
    return label;
  }
}

function headOf({ before, after }: FileDiff): HTMLElement {
  const head = element("div", "diff-file");
  head.append(element("span", "file-name", visible(after ?? before ?? "")));
  const what = !before
    ? "new"
    : !after
      ? "deleted"
      : before !== after
        ? `was ${before}`
        : "";
  head.append(element("span", "file-what", visible(what)));
  return head;
}

function rowOf({ sign, text }: Line): HTMLElement {
  return element("span", `line ${CLASSES[sign]}`, `${sign}${visible(text)}\n`);
}
