// The settings as the server takes them: the user's, and the keys.

import * as vscode from "vscode";
import type { Keys } from "./keys";

export const SECTION = "abstractllm";

/** Return what is set. What is not is left out: it is the user's settings file's to say,
 * or the environment's. */
export async function serverSettings(keys: Keys): Promise<Record<string, unknown>> {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const baseUrls = settings.get<Record<string, string>>("baseUrls", {});
  const apiKeys = await keys.all();
  const names = new Set([...Object.keys(baseUrls), ...Object.keys(apiKeys)]);
  const providers = [...names].map((name) => {
    return [name, { apiKey: apiKeys[name], baseUrl: baseUrls[name] }] as const;
  });
  return {
    provider: settings.get<string>("provider") || undefined,
    systemPrompt: settings.get<string>("systemPrompt") || undefined,
    providers: Object.fromEntries(providers),
    ...(settings.get("fileTools") && vscode.workspace.isTrusted
      ? {}
      : { fileTools: false }),
  };
}
