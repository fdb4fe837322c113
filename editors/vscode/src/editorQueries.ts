// What only the editor knows: the language servers that run in it answer here.

import * as vscode from "vscode";
import {
  ErrorCodes,
  ResponseError,
  type Code2ProtocolConverter,
  type DocumentSymbol,
  type Hover,
  type Location,
  type WorkspaceEdit,
} from "vscode-languageclient/node";
import { openDocument } from "./documents";
import type { Query } from "./protocol";

/** How long a document that had to be opened is waited for to be diagnosed. */
const DIAGNOSIS_MILLISECONDS = 2000;

type Answering = (query: Query, to: Code2ProtocolConverter) => Promise<unknown>;

const ANSWERS: Record<Query["kind"], Answering> = {
  async diagnostics(query, to) {
    const uri = uriOf(query);
    await diagnosed(uri);
    return to.asDiagnosticsSync(vscode.languages.getDiagnostics(uri));
  },

  async symbols(query, to) {
    if (!query.uri) {
      const found = await run<vscode.SymbolInformation>("WorkspaceSymbol", query.query ?? "");
      return found.map((symbol) => to.asWorkspaceSymbol(symbol));
    }
    const found = await run<vscode.DocumentSymbol>("DocumentSymbol", uriOf(query));
    return found.map((symbol) => asDocumentSymbol(symbol, to));
  },

  async definition(query, to) {
    const found = await run<Place>("Definition", uriOf(query), positionOf(query));
    return found.map((place) => asLocation(place, to));
  },

  async references(query, to) {
    const found = await run<Place>("Reference", uriOf(query), positionOf(query));
    return found.map((place) => asLocation(place, to));
  },

  async hover(query) {
    const found = await run<vscode.Hover>("Hover", uriOf(query), positionOf(query));
    const texts = found.flatMap(({ contents }) => contents.map(textOf)).filter(Boolean);
    const value = texts.join("\n\n---\n\n");
    return value ? ({ contents: { kind: "markdown", value } } satisfies Hover) : null;
  },

  async rename(query, to) {
    // VS Code passes the new name on only for documents that are open.
    await vscode.workspace.openTextDocument(uriOf(query));
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit | undefined>(
      "vscode.executeDocumentRenameProvider",
      uriOf(query),
      positionOf(query),
      query.newName,
    );
    return edit?.size ? asWorkspaceEdit(edit, to) : null;
  },

  async openFiles(_query, to) {
    return { documents: shownFiles(to) };
  },
};

export const QUERIES = Object.keys(ANSWERS);

/** Answer a query; what goes wrong is told by the sentence of whoever was asked. */
export async function answerQuery(
  query: Query,
  to: Code2ProtocolConverter,
): Promise<unknown> {
  try {
    return await ANSWERS[query.kind](query, to);
  } catch (error) {
    throw new ResponseError(ErrorCodes.InternalError, String((error as Error).message));
  }
}

/** Ask all providers of a kind. */
async function run<Found>(kind: string, ...args: unknown[]): Promise<Found[]> {
  const command = `vscode.execute${kind}Provider`;
  return (await vscode.commands.executeCommand<Found[] | undefined>(command, ...args)) ?? [];
}

function uriOf({ uri }: Query): vscode.Uri {
  return vscode.Uri.parse(uri!);
}

function positionOf({ position }: Query): vscode.Position {
  return new vscode.Position(position!.line, position!.character);
}

/** See to it that a file is diagnosed: many language servers look at nothing but what is
 * in a tab, which is opened behind the one that the user looks at. */
async function diagnosed(uri: vscode.Uri): Promise<void> {
  const isInTab = openUris().some((open) => String(open) === String(uri));
  if (isInTab || !(await isShownAsItIs(uri))) {
    return;
  }
  const diagnosis = nextDiagnosis(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  const behind = { background: true, preserveFocus: true, preview: false };
  await vscode.commands.executeCommand("vscode.open", uri, behind);
  if (document.languageId !== "plaintext") {
    await diagnosis;
  }
}

/** Whether a file has the same text in the editor as on the disk: what does not must not
 * be opened while it is about to be changed there. VS Code hides a mark at the start,
 * makes all line ends alike, and may misread what is no UTF-8. */
async function isShownAsItIs(uri: vscode.Uri): Promise<boolean> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const ends = new Set(text.match(/\r\n|\r|\n/g));
    return !text.startsWith("\ufeff") && ends.size <= 1 && !ends.has("\r");
  } catch {
    return false;
  }
}

function nextDiagnosis(uri: vscode.Uri): Promise<void> {
  return new Promise((resolve) => {
    const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (uris.some((one) => String(one) === String(uri))) {
        stop();
      }
    });
    const timer = setTimeout(() => stop(), DIAGNOSIS_MILLISECONDS);
    const stop = () => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
  });
}

type Place = vscode.Location | vscode.LocationLink;

function asLocation(place: Place, to: Code2ProtocolConverter): Location {
  if ("targetUri" in place) {
    const range = place.targetSelectionRange ?? place.targetRange;
    return { uri: to.asUri(place.targetUri), range: to.asRange(range) };
  }
  return to.asLocation(place);
}

function asDocumentSymbol(
  symbol: vscode.DocumentSymbol,
  to: Code2ProtocolConverter,
): DocumentSymbol {
  return {
    name: symbol.name,
    detail: symbol.detail,
    kind: to.asSymbolKind(symbol.kind),
    range: to.asRange(symbol.range),
    selectionRange: to.asRange(symbol.selectionRange),
    children: symbol.children.map((child) => asDocumentSymbol(child, to)),
  };
}

function asWorkspaceEdit(
  edit: vscode.WorkspaceEdit,
  to: Code2ProtocolConverter,
): WorkspaceEdit {
  const documentChanges = edit.entries().map(([uri, edits]) => ({
    textDocument: {
      uri: to.asUri(uri),
      version: openDocument(String(uri))?.version ?? null,
    },
    edits: edits.map((one) => to.asTextEdit(one)),
  }));
  return { documentChanges };
}

function textOf(content: vscode.MarkdownString | vscode.MarkedString): string {
  if (typeof content === "string") {
    return content;
  }
  return "language" in content
    ? `\`\`\`${content.language}\n${content.value}\n\`\`\``
    : content.value;
}

/** Return the files in tabs, those in sight with what is selected in them. */
function shownFiles(to: Code2ProtocolConverter) {
  const active = vscode.window.activeTextEditor?.document.uri;
  const editors = new Map(
    vscode.window.visibleTextEditors.map((editor) => [String(editor.document.uri), editor]),
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

function openUris(): vscode.Uri[] {
  const inTabs = vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) => {
      if (input instanceof vscode.TabInputText) {
        return [input.uri];
      }
      return input instanceof vscode.TabInputTextDiff ? [input.modified] : [];
    }),
  );
  const files = inTabs.filter(({ scheme }) => scheme === "file" || scheme === "untitled");
  return [...new Map(files.map((uri) => [String(uri), uri])).values()];
}
