// A tool call as a card: what it is about, how it stands, and what came of it. While it
// waits for the user, with the buttons to answer it.

import type { FromPage } from "../src/panel";
import type {
  CallDetails,
  Message,
  Question,
  ToolKind,
  ToolStatus,
} from "../src/protocol";
import { ApprovalForm } from "./approval";
import { counts, element, fold } from "./elements";
import { OutputView } from "./output";
import { Subject } from "./subject";
import { visible } from "../src/visible";

const SHOWN_ARGUMENT = 60;

/** A call is `stopped` if its turn ended before it did. */
type ShownStatus = ToolStatus | "stopped";

const WORDS: Record<ShownStatus, string> = {
  pending: "waiting",
  awaitingApproval: "waits for you",
  running: "running …",
  done: "done",
  failed: "failed",
  rejected: "rejected",
  stopped: "stopped",
};

/** What is around a card, as far as it matters to it. */
export interface Surroundings {
  tell: (message: FromPage) => void;
  /** Have the user write this prompt anew. */
  edit: (message: Message) => void;
  /** Whether the user is in the page, and writes nothing. */
  isIdle: () => boolean;
  focusPrompt: () => void;
}

export class ToolCall {
  readonly element = fold("tool", "");
  private readonly title = element("span", "tool-title");
  private readonly counts = element("span", "tool-counts");
  private readonly status = element("span", "tool-status");
  private readonly subject: Subject;
  private output: OutputView | undefined;
  private form: ApprovalForm | undefined;
  /** Whether it was unfolded for the user to see, and not by him. */
  private isUnfolded = false;

  /** Whether nothing more comes of it. */
  isOver = false;

  constructor(
    name: string,
    args: Record<string, unknown>,
    private readonly around: Surroundings,
  ) {
    this.subject = new Subject(args);
    const argument = element("span", "tool-argument", firstOf(args));
    this.title.append(element("span", "tool-name", name), argument);
    const summary = this.element.querySelector("summary")!;
    summary.append(this.title, this.counts, this.status);
    this.element.append(this.subject.element);
    this.element.addEventListener(
      "toggle",
      () => this.element.open && this.subject.diff(),
    );
    this.element.addEventListener("keydown", (event) => this.form?.press(event));
  }

  /** Show what is known by now; what is left out stays as it is. */
  show(details: CallDetails & { toolKind?: ToolKind; status?: ToolStatus }): void {
    if (details.toolKind) {
      this.element.dataset["kind"] = details.toolKind;
    }
    if (details.title) {
      this.title.textContent = visible(details.title);
    }
    this.subject.show(details);
    const changed = this.subject.counts;
    if (changed) {
      this.counts.replaceChildren(counts(changed.added, changed.removed));
    }
    if (details.status) {
      this.setStatus(details.status);
    }
  }

  addOutput(text: string): void {
    if (!this.output) {
      this.output = new OutputView();
      this.element.append(this.output.element);
      this.unfold();
    }
    this.output.add(text);
  }

  showResult(content: string, isError: boolean): void {
    this.output?.element.remove(); // it is in the result
    this.element.append(element("pre", isError ? "result error" : "result", content));
    if (!this.isOver) {
      this.setStatus(isError ? "failed" : "done");
    }
  }

  /** Have the user asked about the call, or no longer. */
  ask(question: Question | undefined): void {
    if (question && !this.form) {
      this.show({ ...question, toolKind: question.kind, status: "awaitingApproval" });
      this.putForm(question);
    } else if (!question && this.form) {
      this.takeForm(this.form);
    }
  }

  /** Put the focus on the question; return whether there is one. */
  focus(): boolean {
    this.form?.element.focus();
    return this.form !== undefined;
  }

  stop(): void {
    if (!this.isOver) {
      this.setStatus("stopped");
    }
  }

  private putForm(question: Question): void {
    const form = new ApprovalForm(question, this.subject.diff(), this.around.tell);
    this.form = form;
    this.subject.element.after(form.element);
    this.unfold();
    if (this.around.isIdle()) {
      form.element.focus();
    }
  }

  private takeForm(form: ApprovalForm): void {
    const hadFocus = this.element.contains(document.activeElement);
    form.end();
    this.form = undefined;
    if (hadFocus) {
      this.around.focusPrompt();
    }
  }

  private setStatus(status: ShownStatus): void {
    this.element.dataset["status"] = status;
    this.status.textContent = WORDS[status];
    this.isOver = !["pending", "awaitingApproval", "running"].includes(status);
    if (this.isOver && this.isUnfolded) {
      this.element.open = this.isUnfolded = false;
    }
  }

  private unfold(): void {
    this.isUnfolded ||= !this.element.open;
    this.element.open = true;
  }
}

/** Return what a call is about, in short: its first argument. */
function firstOf(args: Record<string, unknown>): string {
  const first = Object.values(args)[0];
  return first === undefined ? "" : String(first).slice(0, SHOWN_ARGUMENT);
}
