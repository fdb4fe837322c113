// "Ask about the selection": where it is. The server reads its text, saved or not.

import * as vscode from "vscode";
import type { Attachment } from "./chat";

/** Return the active editor's selection, if there is one. */
export function selectionOf(editor: vscode.TextEditor | undefined): Attachment | undefined {
  if (!editor || editor.selection.isEmpty) {
    return undefined;
  }
  const { document, selection } = editor;
  const name = vscode.workspace.asRelativePath(document.uri).split("/").at(-1);
  const { start, end } = selection;
  const lines = start.line === end.line ? "" : `-${end.line + 1}`;
  return {
    label: `${name}:${start.line + 1}${lines}`,
    item: {
      kind: "selection",
      uri: document.uri.toString(),
      range: { start: place(start), end: place(end) },
    },
  };
}

function place({ line, character }: vscode.Position) {
  return { line, character };
}
