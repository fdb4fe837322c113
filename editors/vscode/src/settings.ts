// The settings as the server takes them. Keys are not among them: see keyPipe.ts.

import * as vscode from "vscode";
import type { Mode } from "./protocol";

export const SECTION = "abstractllm";

/** Return what is set. What is not is left out: it is the user's settings file's to say,
 * or the environment's. */
export function serverSettings(): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const baseUrls = settings.get<Record<string, string>>("baseUrls", {});
  const providers = Object.entries(baseUrls).map(([name, baseUrl]) => {
    return [name, { baseUrl }] as const;
  });
  return {
    provider: settings.get<string>("provider") || undefined,
    systemPrompt: settings.get<string>("systemPrompt") || undefined,
    mode: configuredMode(),
    providers: Object.fromEntries(providers),
    ...(settings.get("instructions") && vscode.workspace.isTrusted
      ? {}
      : { instructions: false }),
    ...(settings.get("fileTools") && vscode.workspace.isTrusted
      ? {}
      : { fileTools: false }),
  };
}

/** Return the mode of new chats, if it is set. */
export function configuredMode(): Mode | undefined {
  return vscode.workspace.getConfiguration(SECTION).get<Mode | "">("mode") || undefined;
}
