// The sessions view: the workspace's chats, pinned ones first, then the last changed.

import * as vscode from "vscode";
import type { Client } from "./client";
import type { SessionInfo } from "./protocol";
import { groupsOf, type Group } from "./days";
import { SessionList } from "./sessionList";

type Node = SessionInfo | Group;

export class SessionsView implements vscode.TreeDataProvider<Node> {
  private readonly list: SessionList;
  readonly onDidChangeTreeData: vscode.Event<void>;

  constructor(private readonly client: Client) {
    this.list = new SessionList(client);
    this.onDidChangeTreeData = this.list.onDidChange;
  }

  /** Return the groups, or all sessions where there is only one. */
  async getChildren(group?: Node): Promise<Node[]> {
    if (group && "sessions" in group) {
      return group.sessions;
    }
    const sessions = await this.list.all();
    const groups = groupsOf(sessions, new Date());
    return groups.length > 1 ? groups : sessions;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return "sessions" in node ? groupItem(node) : sessionItem(node);
  }

  async rename(session: SessionInfo): Promise<void> {
    const title = await vscode.window.showInputBox({
      title: "Rename Chat",
      value: session.title ?? "",
      validateInput: (value) => (value.trim() ? undefined : "A title is needed."),
    });
    if (title) {
      await this.client.request("session/rename", { sessionId: session.id, title });
    }
  }

  async delete(session: SessionInfo): Promise<void> {
    const sessionId = session.id;
    await this.client.request("session/delete", { sessionId });
    void this.offerUndo(sessionId, titleOf(session));
  }

  async pin({ id, pinned }: SessionInfo): Promise<void> {
    await this.client.request("session/pin", { sessionId: id, pinned: !pinned });
  }

  private async offerUndo(sessionId: string, title: string): Promise<void> {
    const undo = "Undo";
    const told = `“${title}” is deleted.`;
    if ((await vscode.window.showInformationMessage(told, undo)) === undo) {
      await this.client.request("session/undelete", { sessionId });
    }
  }
}

function groupItem({ label }: Group): vscode.TreeItem {
  const { Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, Expanded);
  item.id = `group ${label}`;
  return item;
}

function sessionItem(session: SessionInfo): vscode.TreeItem {
  const item = new vscode.TreeItem(titleOf(session));
  item.id = session.id;
  item.iconPath = new vscode.ThemeIcon(iconOf(session));
  item.contextValue = session.pinned ? "pinned" : "session";
  item.description = session.provider ?? "";
  item.tooltip = [
    titleOf(session),
    `${session.messageCount} messages`,
    [session.provider, session.model].filter(Boolean).join(" · "),
    new Date(session.updatedAt).toLocaleString(),
  ].join("\n");
  item.command = {
    command: "abstractllm.openSession",
    title: "Open",
    arguments: [session],
  };
  return item;
}

function iconOf({ pinned, runningElsewhere }: SessionInfo): string {
  return runningElsewhere ? "sync~spin" : pinned ? "pinned" : "comment-discussion";
}

function titleOf(session: SessionInfo): string {
  return session.title || "Untitled";
}
