// The user's API keys, in the editor's secret storage and nowhere else.

import * as vscode from "vscode";

const PROVIDERS = ["openai", "anthropic", "ollama", "huggingface"] as const;

export class Keys {
  readonly onDidChange: vscode.Event<unknown>;

  constructor(private readonly secrets: vscode.SecretStorage) {
    this.onDidChange = secrets.onDidChange;
  }

  /** Return the keys that are set, by provider. */
  async all(): Promise<Record<string, string>> {
    const keys: Record<string, string> = {};
    for (const provider of PROVIDERS) {
      const key = await this.secrets.get(secretOf(provider));
      if (key) {
        keys[provider] = key;
      }
    }
    return keys;
  }

  /** Ask the user for a key; `provider` is asked for as well if it is not known. */
  async set(provider?: string): Promise<void> {
    provider ??= await vscode.window.showQuickPick(PROVIDERS, {
      title: "Set API Key",
      placeHolder: "Provider",
    });
    if (!provider) {
      return;
    }
    const key = await vscode.window.showInputBox({
      title: `API Key of ${provider}`,
      prompt: "It is kept in the editor's secret storage.",
      password: true,
      ignoreFocusOut: true,
    });
    if (key?.trim()) {
      await this.secrets.store(secretOf(provider), key.trim());
      void vscode.window.showInformationMessage(`The key of ${provider} is kept.`);
    }
  }

  async remove(): Promise<void> {
    const keys = await this.all();
    const provider = await vscode.window.showQuickPick(
      PROVIDERS.filter((name) => keys[name]),
      { title: "Remove API Key", placeHolder: "Provider" },
    );
    if (provider) {
      await this.secrets.delete(secretOf(provider));
      void vscode.window.showInformationMessage(`The key of ${provider} is removed.`);
    }
  }
}

function secretOf(provider: string): string {
  return `abstractllm.apiKey.${provider}`;
}
