// The assistant's side of a turn: thinking, text and tool calls, in the order they come.

import type { Question, ToolStatus } from "../src/protocol";
import { element, fold } from "./elements";
import { MarkdownView } from "./markdown";
import { ToolCall, type Surroundings } from "./toolCall";

type Growing = "text" | "thinking";

export class Reply {
  readonly element = element("article", "message assistant");
  private readonly calls = new Map<string, ToolCall>();
  private growing: { kind: Growing; view: MarkdownView } | undefined;

  constructor(private readonly around: Surroundings) {}

  addText(text: string): void {
    this.grow("text").append(text);
  }

  addThinking(text: string): void {
    this.grow("thinking").append(text);
  }

  /** The last call of an id, if there is one. */
  call(callId: string): ToolCall | undefined {
    return this.calls.get(callId);
  }

  /** Have the user asked about these calls, and about no others. */
  ask(questions: Question[]): void {
    for (const [callId, call] of this.calls) {
      call.ask(questions.find((question) => question.callId === callId));
    }
  }

  /** Return the call of an id. What is pending is a new one: some vendors begin to count
   * anew with each reply. */
  openCall(
    callId: string,
    name: string,
    args: Record<string, unknown>,
    status: ToolStatus,
  ): ToolCall {
    const known = this.calls.get(callId);
    if (known && !(known.isOver && status === "pending")) {
      return known;
    }
    this.settle();
    const call = new ToolCall(name, args, this.around);
    this.calls.set(callId, call);
    this.element.append(call.element);
    return call;
  }

  /** Put the focus on the call that waits; return whether there is one. */
  focusQuestion(): boolean {
    return [...this.calls.values()].some((call) => call.focus());
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
    this.calls.forEach((call) => call.stop());
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
