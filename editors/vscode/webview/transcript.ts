// The conversation: messages as they are kept, and the turn that runs as it comes in.

import type { Failure, LoadedSession, Message, Part, Update } from "../src/protocol";
import { element } from "./elements";
import { Following } from "./following";
import { Pace } from "./pace";
import { Reply } from "./reply";
import { userMessage } from "./userMessage";

export class Transcript {
  private readonly following: Following;
  private readonly pace = new Pace(() => this.render());
  private reply: Reply | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly onSetKey: () => void,
  ) {
    this.following = new Following(root);
  }

  show(loaded: LoadedSession | undefined): void {
    this.reply = undefined;
    this.root.replaceChildren();
    if (loaded) {
      messagesBefore(loaded).forEach((message) => this.showMessage(message));
    }
    if (!loaded?.turn) {
      this.close();
    }
    loaded?.turn?.updates.forEach((update) => this.take(update));
    this.render();
    this.following.goToEnd();
  }

  apply(update: Update): void {
    this.take(update);
    if (update.kind === "userMessage") {
      this.following.goToEnd();
    }
    this.pace.want();
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
      this.root.append(userMessage(message));
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
        this.open().showCall(part.id, part.name, part.arguments, "pending");
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

  private render(): void {
    this.reply?.render();
    this.following.keepUp();
  }
}

const ENDINGS: Record<string, string> = {
  cancelled: "Stopped.",
  maxTokens: "The answer reached its limit of tokens.",
  maxToolCalls: "The model reached its limit of tool calls.",
  refusal: "The model refused to answer.",
};

/** Return the messages without those of the running turn: its updates tell of them. */
function messagesBefore({ messages, turn }: LoadedSession): Message[] {
  const first = turn?.updates.find((update) => update.kind === "userMessage");
  const at = messages.findIndex((message) => message.id === first?.message.id);
  return at < 0 ? messages : messages.slice(0, at);
}
