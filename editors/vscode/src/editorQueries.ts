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
import { diagnosed } from "./diagnosing";
import { openDocument } from "./documents";
import { shownFiles } from "./openFiles";
import type { Query } from "./protocol";

type Answering = (query: Query, to: Code2ProtocolConverter) => Promise<unknown>;

const ANSWERS: Record<Query["kind"], Answering> = {
  async diagnostics(query, to) {
    const uri = uriOf(query);
    const isLookedAt = await diagnosed(uri);
    const found = vscode.languages.getDiagnostics(uri);
    return isLookedAt || found.length > 0 ? to.asDiagnosticsSync(found) : null;
  },

  async symbols(query, to) {
    if (!query.uri) {
      const found = await run<vscode.SymbolInformation>(
        "WorkspaceSymbol",
        query.query ?? "",
      );
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
  return (
    (await vscode.commands.executeCommand<Found[] | undefined>(command, ...args)) ?? []
  );
}

function uriOf({ uri }: Query): vscode.Uri {
  return vscode.Uri.parse(uri!);
}

function positionOf({ position }: Query): vscode.Position {
  return new vscode.Position(position!.line, position!.character);
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
