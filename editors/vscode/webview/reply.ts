// The assistant's side of a turn: thinking, text and tool calls, in the order they come.

import type { ToolStatus } from "../src/protocol";
import { element, fold } from "./elements";
import { MarkdownView } from "./markdown";

const SHOWN_ARGUMENT = 60;

type Growing = "text" | "thinking";

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
  private growing: { kind: Growing; view: MarkdownView } | undefined;

  addText(text: string): void {
    this.grow("text").append(text);
  }

  addThinking(text: string): void {
    this.grow("thinking").append(text);
  }

  showCall(
    callId: string,
    name: string,
    args: Record<string, unknown>,
    status: ToolStatus,
  ): void {
    let call = this.calls.get(callId);
    if (!call) {
      this.settle();
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
    this.settle();
    const note = element("p", `note ${className}`, text);
    this.element.append(note);
    return note;
  }

  /** Show what was added. */
  render(): void {
    this.growing?.view.render();
  }

  /** Nothing is added any more. */
  finish(): void {
    this.settle();
    for (const call of this.calls.values()) {
      if (call.dataset["status"] === "pending" || call.dataset["status"] === "running") {
        setStatus(call, "stopped");
      }
    }
  }

  /** Return what grows: a new text or thought, unless the last thing is one. */
  private grow(kind: Growing): MarkdownView {
    if (this.growing?.kind !== kind) {
      this.settle();
      const view = new MarkdownView();
      this.element.append(kind === "text" ? view.element : thought(view.element));
      this.growing = { kind, view };
    }
    return this.growing.view;
  }

  /** What grew until now is complete. */
  private settle(): void {
    this.growing?.view.finish();
    this.growing = undefined;
  }
}

function thought(content: HTMLElement): HTMLElement {
  const details = fold("thinking", "Thinking");
  details.append(content);
  return details;
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
