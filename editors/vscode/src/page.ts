// The page of the chat view, as it is handed to a webview.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import page from "../webview/page.html";

/** Return the page; `folder` is where its script and style are. Nothing but these two
 * runs or loads, and nothing is fetched. */
export function pageOf(webview: vscode.Webview, folder: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const address = (name: string) =>
    String(webview.asWebviewUri(vscode.Uri.joinPath(folder, name)));
  const values: Record<string, string> = {
    nonce,
    policy,
    script: address("main.js"),
    style: address("style.css"),
  };
  return page.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!);
}
