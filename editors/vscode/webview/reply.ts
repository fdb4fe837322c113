// The assistant's side of a turn: thinking, text and tool calls, in the order they come.

import type { ToolStatus } from "../src/protocol";
import { element, fold } from "./elements";
import { MarkdownView } from "./markdown";

const SHOWN_ARGUMENT = 60;

/** A call is `stopped` if its turn ended before it did. */
type ShownStatus = ToolStatus | "stopped";

const WORDS: Record<ShownStatus, string> = {
  pending: "waiting",
  running: "running …",
  done: "done",
  failed: "failed",
  stopped: "stopped",
};

export class Reply {
  readonly element = element("article", "message assistant");
  private readonly calls = new Map<string, HTMLDetailsElement>();
  private text: MarkdownView | undefined;
  private thinking: MarkdownView | undefined;

  addText(text: string): void {
    this.thinking = undefined;
    if (!this.text) {
      this.text = new MarkdownView();
      this.element.append(this.text.element);
    }
    this.text.append(text);
  }

  addThinking(text: string): void {
    this.endText();
    if (!this.thinking) {
      this.thinking = new MarkdownView();
      const details = fold("thinking", "Thinking");
      details.append(this.thinking.element);
      this.element.append(details);
    }
    this.thinking.append(text);
  }

  showCall(
    callId: string,
    name: string,
    args: Record<string, unknown>,
    status: ToolStatus,
  ): void {
    let call = this.calls.get(callId);
    if (!call) {
      this.endText();
      call = fold("tool", "");
      call
        .querySelector("summary")!
        .append(
          element("span", "tool-name", name),
          element("span", "tool-argument", firstOf(args)),
          element("span", "tool-status"),
        );
      call.append(element("pre", "arguments", JSON.stringify(args, null, 2)));
      this.calls.set(callId, call);
      this.element.append(call);
    }
    setStatus(call, status);
  }

  showResult(callId: string, content: string, isError: boolean): void {
    const call = this.calls.get(callId);
    if (call) {
      call.append(element("pre", isError ? "result error" : "result", content));
      setStatus(call, isError ? "failed" : "done");
    }
  }

  showNote(className: "notice" | "warning" | "error", text: string): HTMLElement {
    this.endText();
    const note = element("p", `note ${className}`, text);
    this.element.append(note);
    return note;
  }

  /** Show what was added. */
  render(): void {
    this.text?.render();
    this.thinking?.render();
  }

  /** Nothing is added any more. */
  finish(): void {
    this.endText();
    for (const call of this.calls.values()) {
      if (call.dataset["status"] === "pending" || call.dataset["status"] === "running") {
        setStatus(call, "stopped");
      }
    }
  }

  private endText(): void {
    this.text?.finish();
    this.thinking?.finish();
    this.text = this.thinking = undefined;
  }
}

function setStatus(call: HTMLElement, status: ShownStatus): void {
  call.dataset["status"] = status;
  call.querySelector(".tool-status")!.textContent = WORDS[status];
}

/** Return what a call is about, in short: its first argument. */
function firstOf(args: Record<string, unknown>): string {
  const first = Object.values(args)[0];
  return first === undefined ? "" : String(first).slice(0, SHOWN_ARGUMENT);
}
