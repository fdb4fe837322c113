// The chat view: a page that shows the open chat, and passes on what the user does.

import * as vscode from "vscode";
import type { Approvals } from "./approvals";
import type { Chat } from "./chat";
import { pageOf } from "./page";
import type { PageActions } from "./pageActions";
import type { FromPage, ToPage } from "./panel";
import type { LoadedSession } from "./protocol";
import type { TurnChanges } from "./turnChanges";

export const CHAT_VIEW = "abstractllm.chat";

export class ChatView implements vscode.WebviewViewProvider {
  private readonly shownOrHidden = new vscode.EventEmitter<void>();
  private view: vscode.WebviewView | undefined;
  private wantsFocus: (ToPage & { kind: "focus" })["on"] | undefined;

  readonly onDidChangeVisibility = this.shownOrHidden.event;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly chat: Chat,
    private readonly approvals: Approvals,
    private readonly actions: PageActions,
    changes: TurnChanges,
  ) {
    chat.onDidLoad((loaded) => this.load(loaded));
    chat.onDidUpdate((update) => this.post({ kind: "update", update }));
    chat.onDidChange(() => this.showAround());
    approvals.onDidChange(() => this.showQuestions());
    changes.onDidChange((turn) => this.post({ kind: "changes", ...turn }));
  }

  get isVisible(): boolean {
    return this.view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    const folder = vscode.Uri.joinPath(this.extension, "dist", "webview");
    view.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    view.webview.html = pageOf(view.webview, folder);
    view.webview.onDidReceiveMessage((message: FromPage) => this.receive(message));
    view.onDidChangeVisibility(() => this.shownOrHidden.fire());
    view.onDidDispose(() => {
      this.view = undefined;
      this.shownOrHidden.fire();
    });
    this.shownOrHidden.fire();
  }

  /** Show the view, and put the cursor into its prompt or on the call that waits. */
  async focus(on: "prompt" | "question" = "prompt"): Promise<void> {
    this.wantsFocus = on;
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
    this.post({ kind: "focus", on });
  }

  /** Show where a message of the open chat is. */
  reveal(messageId: string): void {
    this.post({ kind: "reveal", messageId });
  }

  private post(message: ToPage): void {
    void this.view?.webview.postMessage(message);
  }

  private load(loaded: LoadedSession | undefined): void {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const uris = folders.map(({ uri }) => String(uri));
    this.post({ kind: "session", loaded, folders: uris });
    this.showQuestions();
  }

  private showQuestions(): void {
    const questions = this.approvals.questionsOf(this.chat.session?.id);
    this.post({ kind: "questions", questions });
    this.showAround();
  }

  private showAround(): void {
    const labels = this.chat.attachments.map((attachment) => attachment.label);
    this.post({ kind: "context", labels, session: this.chat.session });
    if (!this.view) {
      return;
    }
    const elsewhere = this.chat.session?.runningElsewhere ? "answers elsewhere · " : "";
    const title = elsewhere + (this.chat.session?.title ?? "");
    const waiting = this.approvals.questions.length;
    this.view.description = waiting ? `waits for you · ${title}` : title;
    this.view.badge = waiting
      ? { value: waiting, tooltip: "Calls that wait for your answer" }
      : undefined;
  }

  private async receive(message: FromPage): Promise<void> {
    try {
      await this.carryOut(message);
    } catch (error) {
      const kind = message.kind === "send" ? "refused" : "failed";
      this.post({ kind, message: String((error as Error).message) });
    }
  }

  private async carryOut(message: FromPage): Promise<void> {
    if (message.kind === "ready") {
      await this.greet();
    } else if (message.kind === "send") {
      const turnId = await this.chat.send(message.prompt, message.parentId);
      this.post({ kind: "accepted", turnId });
    } else {
      const act = this.actions[message.kind] as (message: FromPage) => unknown;
      await act(message);
    }
  }

  private async greet(): Promise<void> {
    await this.chat.reload();
    this.showAround();
    if (this.wantsFocus) {
      this.post({ kind: "focus", on: this.wantsFocus });
      this.wantsFocus = undefined;
    }
  }
}
