// Which command does what.

import * as vscode from "vscode";
import { manageApprovals } from "./approvalList";
import type { Approvals } from "./approvals";
import { chooseAttachment } from "./attachments";
import type { Chat } from "./chat";
import type { ChatView } from "./chatView";
import type { Client } from "./client";
import type { Keys } from "./keys";
import type { ModePicker } from "./modes";
import type { CallReference, SessionInfo } from "./protocol";
import { search } from "./searching";
import { selectionOf } from "./selection";
import { start } from "./serverStart";
import type { SessionsView } from "./sessionsView";
import type { StatusBar } from "./statusBar";
import { exportChat, importChat } from "./transfer";
import type { TurnChanges } from "./turnChanges";

/** What commands work on. */
export interface Parts {
  approvals: Approvals;
  changes: TurnChanges;
  chat: Chat;
  keys: Keys;
  modes: ModePicker;
  server: Client;
  sessions: SessionsView;
  statusBar: StatusBar;
  view: ChatView;
}

type Command = (argument: any) => unknown;

/** Return the commands of package.json, by the last part of their names. */
export function commandsOf(parts: Parts): Record<string, Command> {
  const { approvals, changes, chat, keys, modes, server, sessions, statusBar } = parts;
  return {
    ...commandsOfChat(parts),
    allow: (call?: CallReference) => approvals.answerNext("once", call),
    reject: (call?: CallReference) => approvals.answerNext("reject", call),
    approvals: () => manageApprovals(server),
    takeBack: () => changes.takeBackLast(),
    bringBack: () => changes.bringBackLast(),
    stop: () => chat.stop(),
    chooseMode: () => modes.choose(),
    chooseProvider: () => statusBar.chooseProvider(),
    chooseModel: () => statusBar.chooseModel(),
    setKey: () => keys.set(),
    removeKey: () => keys.remove(),
    restartServer: () => start(server),
    renameSession: (session: SessionInfo) => sessions.rename(session),
    deleteSession: (session: SessionInfo) => sessions.delete(session),
    pinSession: (session: SessionInfo) => sessions.pin(session),
    unpinSession: (session: SessionInfo) => sessions.pin(session),
    search: () => search(server, chat, parts.view),
    compact: () => chat.compact(),
    exportChat: () => exportChat(server, chat),
    importChat: () => importChat(server, chat),
  };
}

/** Return the commands that show the chat. */
function commandsOfChat({ approvals, chat, view }: Parts): Record<string, Command> {
  return {
    newChat: () => {
      chat.startOver();
      return view.focus();
    },
    askAboutSelection: () => {
      const selection = selectionOf(vscode.window.activeTextEditor);
      return selection && (chat.attach(selection), view.focus());
    },
    attach: async () => {
      const attachment = await chooseAttachment();
      return attachment && (chat.attach(attachment), view.focus());
    },
    openSession: ({ id }: SessionInfo) => chat.open(id).then(() => view.focus()),
    showQuestion: async (call: CallReference | undefined = approvals.next()) => {
      if (call && call.sessionId !== chat.session?.id) {
        await chat.open(call.sessionId);
      }
      await view.focus("question");
    },
  };
}
