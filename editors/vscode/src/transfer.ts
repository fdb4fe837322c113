// Chats that leave the workspace, and chats that come from elsewhere.

import * as vscode from "vscode";
import type { Chat } from "./chat";
import type { Client } from "./client";

/** Show the open chat as a new document, to be saved or passed on. */
export async function exportChat(client: Client, chat: Chat): Promise<void> {
  if (!chat.session) {
    return;
  }
  const forms = [
    { label: "Markdown", detail: "What is shown, for people", format: "markdown" },
    { label: "JSON", detail: "All branches, to be imported again", format: "json" },
  ] as const;
  const form = await vscode.window.showQuickPick(forms, { title: "Export Chat" });
  if (form) {
    const params = { sessionId: chat.session.id, format: form.format };
    const { text: content } = await client.request("session/export", params);
    const made = { content, language: form.format };
    const document = await vscode.workspace.openTextDocument(made);
    await vscode.window.showTextDocument(document);
  }
}

/** Let the user choose a file, and open the chat that it holds. */
export async function importChat(client: Client, chat: Chat): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "Import Chat" })) ?? [];
  if (file) {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    const session = await client.request("session/import", { text });
    await chat.open(session.id);
  }
}
