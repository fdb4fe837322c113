// The chat view: a page that shows the open chat, and passes on what the user does.

import * as vscode from "vscode";
import type { Chat } from "./chat";
import type { Keys } from "./keys";
import { pageOf } from "./page";
import type { FromPage, ToPage } from "./panel";

export const CHAT_VIEW = "abstractllm.chat";

export class ChatView implements vscode.WebviewViewProvider {
  private view: vscode.WebviewView | undefined;
  private wantsFocus = false;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly chat: Chat,
    private readonly keys: Keys,
  ) {
    chat.onDidLoad((loaded) => this.post({ kind: "session", loaded }));
    chat.onDidUpdate((update) => this.post({ kind: "update", update }));
    chat.onDidChange(() => this.showAround());
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    const folder = vscode.Uri.joinPath(this.extension, "dist", "webview");
    view.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    view.webview.html = pageOf(view.webview, folder);
    view.webview.onDidReceiveMessage((message: FromPage) => this.receive(message));
    view.onDidDispose(() => {
      this.view = undefined;
    });
  }

  /** Show the view, and put the cursor into its prompt. */
  async focus(): Promise<void> {
    this.wantsFocus = true;
    await vscode.commands.executeCommand(`${CHAT_VIEW}.focus`);
    this.post({ kind: "focus" });
  }

  private post(message: ToPage): void {
    void this.view?.webview.postMessage(message);
  }

  private showAround(): void {
    const labels = this.chat.attachments.map((attachment) => attachment.label);
    this.post({ kind: "context", labels });
    if (this.view) {
      this.view.description = this.chat.session?.title ?? "";
    }
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
    switch (message.kind) {
      case "ready":
        await this.chat.reload();
        this.showAround();
        if (this.wantsFocus) {
          this.wantsFocus = false;
          this.post({ kind: "focus" });
        }
        break;
      case "send":
        this.post({ kind: "accepted", turnId: await this.chat.send(message.prompt) });
        break;
      case "stop":
        await this.chat.stop();
        break;
      case "detach":
        this.chat.detach(message.index);
        break;
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        break;
      case "insert":
        await insert(message.text);
        break;
      case "setKey":
        await this.keys.set(this.chat.chosen.provider ?? undefined);
        break;
    }
  }
}

async function insert(text: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Error("Open the file to insert into, and place the cursor.");
  }
  await editor.edit((edit) => {
    editor.selections.forEach((selection) => edit.replace(selection, text));
  });
}
