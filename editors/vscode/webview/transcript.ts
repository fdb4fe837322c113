// The conversation: messages as they are kept, and the turn that runs as it comes in.

import type { Failure, LoadedSession, Message, Part, Update } from "../src/protocol";
import { element, fold } from "./elements";
import { Reply } from "./reply";

/** The longest time between two looks at a growing reply is this many times as long as
 * the last look took, so that the view stays responsive whatever comes in. */
const REST = 4;

export class Transcript {
  private reply: Reply | undefined;
  private isWaiting = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly onSetKey: () => void,
  ) {}

  show(loaded: LoadedSession | undefined): void {
    this.reply = undefined;
    this.root.replaceChildren();
    loaded?.messages.forEach((message) => this.showMessage(message));
    loaded?.turn?.updates.forEach((update) => this.take(update));
    this.renderNow();
    this.root.scrollTop = this.root.scrollHeight;
  }

  apply(update: Update): void {
    this.take(update);
    this.render();
  }

  private take(update: Update): void {
    switch (update.kind) {
      case "userMessage":
        this.showMessage(update.message);
        break;
      case "textDelta":
        this.open().addText(update.text);
        break;
      case "thinkingDelta":
        this.open().addThinking(update.text);
        break;
      case "toolCall":
        this.open().showCall(
          update.callId,
          update.name,
          update.arguments,
          update.status,
        );
        break;
      case "toolResult":
        this.open().showResult(update.callId, update.content, update.isError);
        break;
      case "notice":
        this.open().showNote(
          update.level === "warning" ? "warning" : "notice",
          update.message,
        );
        break;
      case "turnEnded":
        this.end(update.stopReason, update.error);
        break;
    }
  }

  private end(stopReason: string, error: Failure | undefined): void {
    if (error) {
      this.showFailure(error);
    } else if (ENDINGS[stopReason]) {
      this.open().showNote("notice", ENDINGS[stopReason]);
    }
    this.close();
  }

  private showMessage(message: Message): void {
    if (message.role === "user") {
      this.close();
      this.root.append(promptOf(message));
      return;
    }
    if (message.role === "system") {
      return;
    }
    message.parts.forEach((part) => this.showPart(part));
    if (message.metadata.error) {
      this.showFailure(message.metadata.error);
    } else if (message.status === "interrupted") {
      this.open().showNote("notice", ENDINGS["cancelled"]!);
    }
  }

  private showPart(part: Part): void {
    switch (part.kind) {
      case "text":
        this.open().addText(part.text);
        break;
      case "thinking":
        if (part.text) {
          this.open().addThinking(part.text);
        }
        break;
      case "toolCall":
        this.open().showCall(part.id, part.name, part.arguments, "done");
        break;
      case "toolResult":
        this.open().showResult(part.callId, part.content, part.isError);
        break;
    }
  }

  private showFailure(error: Failure): void {
    const note = this.open().showNote("error", error.message);
    if (error.kind === "missingKey" || error.kind === "authentication") {
      const button = element("button", "", "Set API Key…");
      button.addEventListener("click", this.onSetKey);
      note.append(button);
    }
  }

  private open(): Reply {
    if (!this.reply) {
      this.reply = new Reply();
      this.root.append(this.reply.element);
    }
    return this.reply;
  }

  private close(): void {
    this.reply?.finish();
    this.reply = undefined;
  }

  /** Show what came in, soon; what comes until then is shown along with it. */
  private render(): void {
    if (!this.isWaiting) {
      this.isWaiting = true;
      requestAnimationFrame(() => {
        const took = this.renderNow();
        setTimeout(() => {
          this.isWaiting = false;
          if (this.reply) {
            this.renderNow();
          }
        }, took * REST);
      });
    }
  }

  private renderNow(): number {
    const start = performance.now();
    const root = this.root;
    const isAtEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 40;
    this.reply?.render();
    if (isAtEnd) {
      root.scrollTop = root.scrollHeight;
    }
    return performance.now() - start;
  }
}

const ENDINGS: Record<string, string> = {
  cancelled: "Stopped.",
  maxTokens: "The answer reached its limit of tokens.",
  maxToolCalls: "The model reached its limit of tool calls.",
  refusal: "The model refused to answer.",
};

function promptOf(message: Message): HTMLElement {
  const article = element("article", "message user");
  for (const part of message.parts) {
    if (part.kind === "text") {
      article.append(element("p", "prompt", part.text));
    } else if (part.kind === "resource") {
      const lines = part.range ? `:${part.range.start + 1}-${part.range.end}` : "";
      const name = decodeURIComponent(part.uri.split("/").at(-1) ?? part.uri);
      const details = fold("resource", name + lines);
      details.append(element("pre", "", part.text));
      article.append(details);
    }
  }
  return article;
}
