// Having files diagnosed by the language servers that run in the editor.

import * as vscode from "vscode";
import { openUris } from "./openFiles";

/** How long a document that had to be opened is waited for to be diagnosed. */
const DIAGNOSIS_MILLISECONDS = 2000;

/** See to it that a file is diagnosed, and return whether something may do so. Many
 * language servers look at nothing but what is in a tab, which is opened behind the one
 * that the user looks at. */
export async function diagnosed(uri: vscode.Uri): Promise<boolean> {
  const isInTab = openUris().some((open) => String(open) === String(uri));
  if (!isInTab && !(await isShownAsItIs(uri))) {
    return false;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const isCode = document.languageId !== "plaintext";
  if (!isInTab) {
    const diagnosis = isCode && nextDiagnosis(uri);
    const behind = { background: true, preserveFocus: true, preview: false };
    await vscode.commands.executeCommand("vscode.open", uri, behind);
    await diagnosis;
  }
  return isCode;
}

/** Whether a file has the same text in the editor as on the disk: what does not must not
 * be opened while it is about to be changed there. VS Code hides a mark at the start,
 * makes all line ends alike, and may misread what is no UTF-8. */
async function isShownAsItIs(uri: vscode.Uri): Promise<boolean> {
  const bytes = await vscode.workspace.fs.readFile(uri);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes);
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
