// What the user does in the page of the chat view, carried out.

import * as vscode from "vscode";
import type { Approvals } from "./approvals";
import { picture } from "./attachments";
import type { Branches } from "./branches";
import type { Chat } from "./chat";
import type { Diffs } from "./diffs";
import type { Keys } from "./keys";
import type { FromPage } from "./panel";
import type { TurnChanges } from "./turnChanges";

/** What is about the page itself is the view's. */
type Kind = Exclude<FromPage["kind"], "ready" | "send">;

export type PageActions = {
  [Each in Kind]: (message: FromPage & { kind: Each }) => unknown;
};

export function pageActions(
  chat: Chat,
  keys: Keys,
  approvals: Approvals,
  diffs: Diffs,
  changes: TurnChanges,
  branches: Branches,
): PageActions {
  const sessionId = () => chat.session!.id;
  return {
    stop: () => chat.stop(),
    regenerate: ({ messageId, choose }) => branches.regenerate(messageId, choose),
    rewind: ({ messageId }) => branches.rewind(messageId),
    fork: ({ messageId }) => branches.fork(messageId),
    uncompact: ({ messageId }) => chat.uncompact(messageId),
    attach: () => vscode.commands.executeCommand("abstractllm.attach"),
    attachPicture: ({ mediaType, data }) =>
      chat.attach(picture("pasted picture", mediaType, data)),
    detach: ({ index }) => chat.detach(index),
    copy: ({ text }) => vscode.env.clipboard.writeText(text),
    insert: ({ text }) => insert(text),
    setKey: () => keys.set(chat.chosen.provider ?? undefined),
    answer: ({ callId, decision }) =>
      approvals.answer({ sessionId: sessionId(), callId }, decision),
    showCall: ({ callId, title }) =>
      diffs.show({ sessionId: sessionId(), callId }, title),
    showChanges: ({ messageId, uri }) =>
      diffs.show({ sessionId: sessionId(), messageId }, "Changed by the Model", uri),
    takeBack: ({ messageId, uris }) => changes.takeBack(messageId, uris),
    bringBack: ({ messageId, uris }) => changes.bringBack(messageId, uris),
  };
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
