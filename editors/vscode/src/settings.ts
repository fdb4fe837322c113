// The settings as the server takes them: the user's, and the keys.

import * as vscode from "vscode";
import type { Keys } from "./keys";

export const SECTION = "abstractllm";

export type ServerSettings = Record<string, unknown>;

/** Return all settings, the unset ones too, so that they replace what was sent before. */
export async function serverSettings(keys: Keys): Promise<ServerSettings> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const baseUrls = settings.get<Record<string, string>>("baseUrls", {});
  const providers = Object.entries(await keys.all()).map(([name, apiKey]) => {
    return [name, { apiKey, baseUrl: baseUrls[name] ?? "" }] as const;
  });
  const tools = settings.get("fileTools", true) && vscode.workspace.isTrusted;
  return {
    provider: settings.get<string>("provider") || null,
    systemPrompt: settings.get<string>("systemPrompt") || null,
    providers: Object.fromEntries(providers),
    fileTools: tools,
  };
}
