// The wiring: what there is, and which command does what.

import * as vscode from "vscode";
import { Chat } from "./chat";
import { CHAT_VIEW, ChatView } from "./chatView";
import { Client } from "./client";
import { Keys } from "./keys";
import type { SessionInfo } from "./protocol";
import { selectionOf } from "./selection";
import { start } from "./serverStart";
import { SessionsView } from "./sessionsView";
import { SECTION } from "./settings";
import { StatusBar } from "./statusBar";

let client: Client | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const keys = new Keys(context.secrets);
  const server = (client = new Client(context, keys));
  const chat = new Chat(server, context.workspaceState);
  const view = new ChatView(context.extensionUri, chat, keys);
  const sessions = new SessionsView(server);
  const statusBar = new StatusBar(server, chat, keys);
  const configure = () => server.configure();

  const commands: Record<string, (session: SessionInfo) => unknown> = {
    newChat: () => {
      chat.startOver();
      return view.focus();
    },
    askAboutSelection: () => {
      const selection = selectionOf(vscode.window.activeTextEditor);
      return selection && (chat.attach(selection), view.focus());
    },
    stop: () => chat.stop(),
    chooseProvider: () => statusBar.chooseProvider(),
    chooseModel: () => statusBar.chooseModel(),
    setKey: () => keys.set(),
    removeKey: () => keys.remove(),
    restartServer: () => start(server),
    openSession: ({ id }) => chat.open(id).then(() => view.focus()),
    renameSession: (session) => sessions.rename(session),
    deleteSession: (session) => sessions.delete(session),
  };
  for (const [name, run] of Object.entries(commands)) {
    const id = `abstractllm.${name}`;
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  }
  context.subscriptions.push(
    chat,
    statusBar,
    vscode.window.registerWebviewViewProvider(CHAT_VIEW, view),
    vscode.window.registerTreeDataProvider("abstractllm.sessions", sessions),
    vscode.workspace.onDidGrantWorkspaceTrust(configure),
    keys.onDidChange(() => server.sendKeys()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${SECTION}.serverPath`)) {
        return start(server);
      }
      return change.affectsConfiguration(SECTION) && configure();
    }),
  );
  await start(server);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
