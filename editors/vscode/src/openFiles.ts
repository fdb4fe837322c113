// The files that are open: those in tabs.

import * as vscode from "vscode";
import type { Code2ProtocolConverter } from "vscode-languageclient/node";

/** Return the files in tabs, those in sight with what is selected in them. */
export function shownFiles(to: Code2ProtocolConverter) {
  const active = vscode.window.activeTextEditor?.document.uri;
  const editors = new Map(
    vscode.window.visibleTextEditors.map((editor) => [
      String(editor.document.uri),
      editor,
    ]),
  );
  return openUris().map((uri) => {
    const editor = editors.get(String(uri));
    return {
      uri: to.asUri(uri),
      active: String(uri) === String(active),
      visible: editor !== undefined,
      ...(editor && { selection: to.asRange(editor.selection) }),
    };
  });
}

/** Return the files in tabs, each once. */
export function openUris(): vscode.Uri[] {
  const inTabs = vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) => {
      if (input instanceof vscode.TabInputText) {
        return [input.uri];
      }
      return input instanceof vscode.TabInputTextDiff ? [input.modified] : [];
    }),
  );
  const files = inTabs.filter(
    ({ scheme }) => scheme === "file" || scheme === "untitled",
  );
  return [...new Map(files.map((uri) => [String(uri), uri])).values()];
}
