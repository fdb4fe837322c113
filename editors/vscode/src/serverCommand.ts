// Where the server is. Never looked for in the workspace, which may be somebody else's.

import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import * as vscode from "vscode";

const NAME = process.platform === "win32" ? "abstractllm-ls.exe" : "abstractllm-ls";

/** A server that is not there; the message tells what to do. */
export class ServerMissing extends Error {}

/** Return the path of the server; raises `ServerMissing`. */
export function findServer(context: vscode.ExtensionContext): string {
  const configured = vscode.workspace
    .getConfiguration("abstractllm")
    .get<string>("serverPath", "");
  if (configured) {
    if (!isAbsolute(configured) || !isExecutable(configured)) {
      throw new ServerMissing(
        `"abstractllm.serverPath" is ${configured}, which is no program. ` +
          `Set it to the absolute path of abstractllm-ls.`,
      );
    }
    return configured;
  }
  const found = development(context) ?? onPath();
  if (!found) {
    throw new ServerMissing(
      "abstractllm-ls is not on the PATH. Install it with " +
        '"pip install abstractllm-ls", or set "abstractllm.serverPath".',
    );
  }
  return found;
}

/** The server of the checkout that this extension is being developed in. */
function development(context: vscode.ExtensionContext): string | undefined {
  if (context.extensionMode !== vscode.ExtensionMode.Development) {
    return undefined;
  }
  const path = join(context.extensionPath, "../../.venv/bin", NAME);
  return isExecutable(path) ? path : undefined;
}

function onPath(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, NAME))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
