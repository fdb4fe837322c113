// A call that waits for the user is seen from afar: in the status bar, at the view, and
// in a notification while the chat that it belongs to is not in sight.

import * as vscode from "vscode";
import { keyOf, type Approvals } from "./approvals";
import type { Chat } from "./chat";
import type { ChatView } from "./chatView";
import type { Question } from "./protocol";
import { visible } from "./visible";

/** A longer command cannot be judged by a notification, which would cut it off. */
const LONGEST_SHOWN = 300;

export class Attention implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "questions",
    vscode.StatusBarAlignment.Right,
    10_002,
  );
  /** By call; what takes its notification away. */
  private readonly notifications = new Map<string, () => void>();

  constructor(
    private readonly approvals: Approvals,
    private readonly chat: Chat,
    private readonly view: ChatView,
  ) {
    this.item.name = "AbstractLLM Questions";
    this.item.command = "abstractllm.showQuestion";
    this.item.backgroundColor = new vscode.ThemeColor(
      "statusBarItem.warningBackground",
    );
    approvals.onDidChange(() => this.show());
    view.onDidChangeVisibility(() => this.show());
    chat.onDidLoad(() => this.show());
  }

  dispose(): void {
    this.item.dispose();
    this.notifications.forEach((close) => close());
  }

  private show(): void {
    const { questions } = this.approvals;
    const asks = questions.length > 0;
    void vscode.commands.executeCommand("setContext", "abstractllm.asks", asks);
    this.item.text = `$(bell-dot) ${questions[0]?.title.slice(0, 40) ?? ""}`;
    this.item.tooltip = "AbstractLLM: a call waits for your answer";
    this.item[asks ? "show" : "hide"]();
    this.notifyOf(questions.filter((question) => !this.isInSight(question)));
  }

  private isInSight({ sessionId }: Question): boolean {
    return this.view.isVisible && this.chat.session?.id === sessionId;
  }

  /** Have notifications of these questions, and of no others. */
  private notifyOf(questions: Question[]): void {
    const keys = new Set(questions.map(keyOf));
    for (const [key, close] of this.notifications) {
      if (!keys.has(key)) {
        close();
        this.notifications.delete(key);
      }
    }
    for (const question of questions) {
      if (!this.notifications.has(keyOf(question))) {
        this.notifications.set(keyOf(question), this.notify(question));
      }
    }
  }

  /** Show a notification until it is closed by the function that is returned: that of a
   * progress, as others cannot be taken away again. Its one button is Cancel; the other
   * answers are links. */
  private notify(question: Question): () => void {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: textOf(question),
      cancellable: true,
    };
    let close!: () => void;
    const closed = new Promise<void>((resolve) => (close = resolve));
    void vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() =>
        this.approvals.answerNext("reject", question),
      );
      return closed;
    });
    return close;
  }
}

function textOf(question: Question): string {
  const what = question.command ?? question.title;
  const short = what.length <= LONGEST_SHOWN && !what.includes("\n");
  const choices = [
    ...(short ? [link("Allow Once", "allow", question)] : []),
    link("Reject", "reject", question),
    link("Show", "showQuestion", question),
  ];
  const shown = short ? what : question.title.slice(0, LONGEST_SHOWN);
  return `AbstractLLM asks: ${withoutLinks(visible(shown))} — ${choices.join(" · ")}`;
}

function link(label: string, command: string, { sessionId, callId }: Question): string {
  const args = encodeURIComponent(JSON.stringify([{ sessionId, callId }]));
  const address = args.replaceAll("(", "%28").replaceAll(")", "%29");
  return `[${label}](command:abstractllm.${command}?${address})`;
}

/** What a model wrote must not become a link that does something. */
function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}
