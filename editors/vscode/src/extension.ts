// The wiring: what there is, and what it listens to.

import * as vscode from "vscode";
import { Approvals } from "./approvals";
import { Attention } from "./attention";
import { Branches } from "./branches";
import { Chat } from "./chat";
import { CHAT_VIEW, ChatView } from "./chatView";
import { Client } from "./client";
import { commandsOf } from "./commands";
import { Diffs } from "./diffs";
import { Keys } from "./keys";
import { ModePicker } from "./modes";
import { pageActions } from "./pageActions";
import { start } from "./serverStart";
import { SessionsView } from "./sessionsView";
import { SECTION } from "./settings";
import { StatusBar } from "./statusBar";
import { TurnChanges } from "./turnChanges";

let client: Client | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const keys = new Keys(context.secrets);
  const server = (client = new Client(context, keys));
  const chat = new Chat(server, context.workspaceState);
  const approvals = new Approvals(server);
  const changes = new TurnChanges(server, chat);
  const diffs = new Diffs(server);
  const statusBar = new StatusBar(server, chat, keys);
  const branches = new Branches(server, chat, changes, () => statusBar.pickModel());
  const actions = pageActions(chat, keys, approvals, diffs, changes, branches);
  const view = new ChatView(context.extensionUri, chat, approvals, actions, changes);
  const modes = new ModePicker(chat);
  const sessions = new SessionsView(server);
  const parts = {
    approvals,
    changes,
    chat,
    keys,
    modes,
    server,
    sessions,
    statusBar,
    view,
  };

  for (const [name, run] of Object.entries(commandsOf(parts))) {
    const id = `abstractllm.${name}`;
    context.subscriptions.push(vscode.commands.registerCommand(id, run));
  }
  context.subscriptions.push(
    chat,
    diffs,
    modes,
    statusBar,
    new Attention(approvals, chat, view),
    vscode.window.registerWebviewViewProvider(CHAT_VIEW, view),
    vscode.window.registerTreeDataProvider("abstractllm.sessions", sessions),
    keys.onDidChange(() => server.sendKeys()),
    ...followSettings(server),
  );
  await start(server);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function followSettings(server: Client): vscode.Disposable[] {
  return [
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.configure()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${SECTION}.serverPath`)) {
        return start(server);
      }
      return change.affectsConfiguration(SECTION) && server.configure();
    }),
  ];
}
