// Changing and saving documents for the server. The language client applies edits; it
// gives no reasons, and takes a document that is closed for one that is as it was.

import * as vscode from "vscode";
import {
  CancellationToken,
  CreateFile,
  DeleteFile,
  RenameFile,
  TextDocumentEdit,
  type ApplyWorkspaceEditParams,
  type ApplyWorkspaceEditRequest,
  type ApplyWorkspaceEditResult,
  type WorkspaceEdit,
} from "vscode-languageclient/node";

type Operation = NonNullable<WorkspaceEdit["documentChanges"]>[number];

/** Apply an edit, all of it or nothing, and tell why where it is nothing. */
export async function applyEdit(
  params: ApplyWorkspaceEditParams,
  next: ApplyWorkspaceEditRequest.HandlerSignature,
): Promise<ApplyWorkspaceEditResult> {
  const operations = params.edit.documentChanges ?? [];
  const obstacle = (await fileObstacle(operations)) ?? textObstacle(operations);
  if (obstacle) {
    return { applied: false, failureReason: obstacle };
  }
  const answer = await next(params, CancellationToken.None);
  const { applied } = answer as ApplyWorkspaceEditResult;
  return applied ? { applied } : { applied, failureReason: "VS Code refused it" };
}

/** Save documents; return those without unsaved text. */
export async function saveDocuments(uris: string[]): Promise<string[]> {
  const saved = [];
  for (const uri of uris) {
    const document = openDocument(uri);
    if (!document?.isDirty || (!document.isUntitled && (await document.save()))) {
      saved.push(uri);
    }
  }
  return saved;
}

/** Return the open document of a URI, whichever way that is written. */
export function openDocument(uri: string): vscode.TextDocument | undefined {
  const wanted = String(vscode.Uri.parse(uri));
  return vscode.workspace.textDocuments.find(({ uri }) => String(uri) === wanted);
}

/** Return what is in the way of changing texts as they were seen. It takes no time:
 * nothing may change between this and the edit. */
function textObstacle(operations: Operation[]): string | undefined {
  const moved = new Set(operations.map(targetOf));
  for (const { textDocument } of operations.filter(TextDocumentEdit.is)) {
    if (moved.has(textDocument.uri)) {
      continue; // it is not there until the edit puts it there
    }
    const document = openDocument(textDocument.uri);
    const isAsSeen =
      typeof textDocument.version === "number"
        ? document?.version === textDocument.version
        : !document?.isDirty;
    if (!isAsSeen) {
      return `${nameOf(textDocument.uri)} has changed in the editor`;
    }
  }
  return undefined;
}

/** Return what is in the way of making, renaming and deleting files. VS Code itself
 * would notice only after it has done the operations before that one. */
async function fileObstacle(operations: Operation[]): Promise<string | undefined> {
  for (const operation of operations) {
    const target = targetOf(operation);
    if (target && (await exists(target))) {
      return `${nameOf(target)} is there already`;
    }
    const source = sourceOf(operation);
    if (source && !(await exists(source))) {
      return `${nameOf(source)} is not there`;
    }
  }
  return undefined;
}

/** Return the file that must not be there before the operation. */
function targetOf(operation: Operation): string | undefined {
  if (!CreateFile.is(operation) && !RenameFile.is(operation)) {
    return undefined;
  }
  const { overwrite, ignoreIfExists } = operation.options ?? {};
  const target = CreateFile.is(operation) ? operation.uri : operation.newUri;
  return overwrite || ignoreIfExists ? undefined : target;
}

/** Return the file that must be there before the operation. */
function sourceOf(operation: Operation): string | undefined {
  if (RenameFile.is(operation)) {
    return operation.oldUri;
  }
  const mayLack = DeleteFile.is(operation) && operation.options?.ignoreIfNotExists;
  return DeleteFile.is(operation) && !mayLack ? operation.uri : undefined;
}

async function exists(uri: string): Promise<boolean> {
  return await vscode.workspace.fs.stat(vscode.Uri.parse(uri)).then(
    () => true,
    () => false,
  );
}

function nameOf(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}
