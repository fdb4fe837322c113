// The conversation: messages as they are kept, and the turn that runs as it comes in.

import type {
  Change,
  ChangesOfTurn,
  Failure,
  LoadedSession,
  Message,
  Part,
  Question,
  Siblings,
  Update,
} from "../src/protocol";
import { answerBar, promptBar, type Answer } from "./branches";
import { element } from "./elements";
import { Following } from "./following";
import { Pace } from "./pace";
import { Reply } from "./reply";
import type { Surroundings } from "./toolCall";
import type { TurnBars } from "./turnBars";
import { summaryOf } from "./summary";
import { userMessage } from "./userMessage";

type CallUpdate = Extract<Update, { kind: "toolCall" }>;
type TurnEnd = Extract<Update, { kind: "turnEnded" }>;

export class Transcript {
  private readonly following: Following;
  private readonly pace = new Pace(() => this.render());
  private reply: Reply | undefined;
  /** The turn that is shown last, as far as it is known. */
  private turn: Partial<Answer> = {};
  private siblings: Siblings = {};
  /** From here on, what is shown gives way to the turn that is to come. */
  private giveWay: Element | undefined;
  private questions: Question[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly around: Surroundings,
    private readonly bars: TurnBars,
  ) {
    this.following = new Following(root);
  }

  show(loaded: LoadedSession | undefined): void {
    this.reply = undefined;
    this.turn = {};
    this.siblings = loaded?.siblings ?? {};
    this.giveWay = undefined;
    this.root.replaceChildren();
    this.bars.forget();
    if (loaded) {
      messagesBefore(loaded).forEach((message) => {
        this.showMessage(message);
        this.showChanges(message.id, loaded.changes?.[message.id]);
      });
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

  /** Have what is shown from a prompt on give way to the turn that is to come. */
  branchAt(promptId: string): void {
    this.giveWay = this.find(promptId);
  }

  /** The prompt that was to be answered otherwise was not taken. */
  stay(): void {
    this.giveWay = undefined;
  }

  /** Show where a message is. */
  reveal(messageId: string): void {
    const place = this.find(messageId);
    place?.scrollIntoView({ block: "center" });
    place?.classList.add("flash");
    place?.addEventListener("animationend", () => place.classList.remove("flash"));
  }

  /** Have the user asked about these calls, and about no others. */
  ask(questions: Question[]): void {
    this.questions = questions;
    this.reply?.ask(questions);
    this.following.keepUp();
  }

  /** Put the focus on the call that waits, if there is one. */
  focusQuestion(): boolean {
    return this.reply?.focusQuestion() ?? false;
  }

  showTurn(turn: ChangesOfTurn): void {
    this.bars.show(turn);
    this.following.keepUp();
  }

  private take(update: Update): void {
    switch (update.kind) {
      case "userMessage":
        this.clearWay();
        Object.assign(this.siblings, update.siblings);
        this.showMessage(update.message);
        break;
      case "compacted":
        this.showMessage(update.message);
        break;
      case "textDelta":
        this.open().addText(update.text);
        break;
      case "thinkingDelta":
        this.open().addThinking(update.text);
        break;
      case "toolCall":
        this.showCall(update);
        break;
      case "toolOutput":
        this.reply?.call(update.callId)?.addOutput(update.text);
        break;
      case "toolResult":
        this.reply?.call(update.callId)?.showResult(update.content, update.isError);
        break;
      case "notice":
        this.open().showNote(
          update.level === "warning" ? "warning" : "notice",
          update.message,
        );
        break;
      case "turnEnded":
        this.end(update);
        break;
    }
  }

  private end({ stopReason, error, messageId, changes, siblings }: TurnEnd): void {
    Object.assign(this.siblings, siblings);
    if (messageId) {
      this.note(messageId, Object.keys(siblings ?? {}));
    }
    if (error) {
      this.showFailure(error);
    } else if (ENDINGS[stopReason]) {
      this.open().showNote("notice", ENDINGS[stopReason]);
    }
    this.close();
    this.showChanges(messageId, changes);
  }

  private showChanges(messageId: string | null, changes: Change[] | undefined): void {
    if (messageId && changes) {
      this.close();
      this.root.append(this.bars.add(messageId, changes));
    }
  }

  private showCall({ callId, name, arguments: args, ...more }: CallUpdate): void {
    const reply = this.open();
    reply.openCall(callId, name, args, more.status).show(more);
    reply.ask(this.questions);
  }

  private showMessage(message: Message): void {
    if (message.role === "user") {
      this.close();
      this.bars.fold();
      this.turn = { promptId: message.id };
      this.root.append(this.prompt(message));
      return;
    }
    if (message.role === "system") {
      this.showSummary(message);
      return;
    }
    this.note(message.id, [message.id]);
    message.parts.forEach((part) => this.showPart(part));
    for (const [callId, { kind, ...more }] of Object.entries(
      message.metadata.tools ?? {},
    )) {
      this.reply?.call(callId)?.show({ ...more, toolKind: kind });
    }
    if (message.metadata.error) {
      this.showFailure(message.metadata.error);
    } else if (message.status === "interrupted") {
      this.open().showNote("notice", ENDINGS["cancelled"]!);
    }
  }

  private prompt(message: Message): HTMLElement {
    const article = userMessage(message);
    article.dataset["messages"] = message.id;
    const { tell, edit } = this.around;
    article.append(
      promptBar(message.id, this.siblings[message.id], tell, () => edit(message)),
    );
    return article;
  }

  private showSummary(message: Message): void {
    const summary = summaryOf(message, this.around.tell);
    if (summary) {
      this.close();
      this.root.append(summary);
    }
  }

  /** Keep in mind which messages the reply holds, and what stands in their place. */
  private note(messageId: string, own: string[]): void {
    this.turn.lastId = messageId;
    for (const id of this.turn.siblings ? [] : own) {
      if (this.siblings[id]) {
        this.turn.siblings = this.siblings[id];
        this.turn.ownId = id;
      }
    }
    const { dataset } = this.open().element;
    dataset["messages"] = `${dataset["messages"] ?? ""} ${messageId}`;
  }

  private find(messageId: string): Element | undefined {
    const shown = [...this.root.children] as HTMLElement[];
    return shown.find((each) =>
      each.dataset["messages"]?.split(" ").includes(messageId),
    );
  }

  private clearWay(): void {
    const first = this.giveWay;
    this.giveWay = undefined;
    if (first?.isConnected) {
      this.close();
      while (first.nextSibling) {
        first.nextSibling.remove();
      }
      first.remove();
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
        this.showCall({
          ...part,
          callId: part.id,
          kind: "toolCall",
          status: "pending",
        });
        break;
      case "toolResult":
        this.reply?.call(part.callId)?.showResult(part.content, part.isError);
        break;
    }
  }

  private showFailure(error: Failure): void {
    const note = this.open().showNote("error", error.message);
    if (error.kind === "missingKey" || error.kind === "authentication") {
      const button = element("button", "", "Set API Key…");
      button.addEventListener("click", () => this.around.tell({ kind: "setKey" }));
      note.append(button);
    }
  }

  private open(): Reply {
    if (!this.reply) {
      this.reply = new Reply(this.around);
      this.root.append(this.reply.element);
    }
    return this.reply;
  }

  private close(): void {
    const { promptId, lastId } = this.turn;
    this.reply?.finish();
    if (this.reply && promptId && lastId) {
      const answer = { ...this.turn, promptId, lastId };
      this.reply.element.append(answerBar(answer, this.around.tell));
    }
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
