// Provider and model in the status bar, and the lists to choose them from.

import * as vscode from "vscode";
import type { Chat, Choice } from "./chat";
import type { Client } from "./client";
import type { Keys } from "./keys";
import type { Provider } from "./protocol";

export class StatusBar implements vscode.Disposable {
  private readonly provider = item("chooseProvider", "Provider", 10_001);
  private readonly model = item("chooseModel", "Model", 10_000);

  constructor(
    private readonly client: Client,
    private readonly chat: Chat,
    private readonly keys: Keys,
  ) {
    client.onDidStart(() => this.show());
    chat.onDidChange(() => this.show());
  }

  async chooseProvider(): Promise<void> {
    const provider = await this.pickProvider("Provider of This Chat");
    if (provider) {
      await this.chat.choose({ provider });
    }
  }

  async chooseModel(): Promise<void> {
    const provider = (await this.current())?.name;
    if (!provider) {
      return await this.chooseProvider();
    }
    const model = await this.pickModelOf(provider);
    if (model) {
      await this.chat.choose({ provider, model });
    }
  }

  /** Let the user choose a provider and one of its models, for one answer. */
  async pickModel(): Promise<Choice | undefined> {
    const provider = await this.pickProvider("Provider of This Answer");
    const model = provider && (await this.pickModelOf(provider));
    return provider && model ? { provider, model } : undefined;
  }

  private async pickProvider(title: string): Promise<string | undefined> {
    const { providers } = await this.client.request("providers/list", {});
    const picks = providers.map((provider) => ({
      label: provider.name,
      description: provider.model ?? "",
      detail: provider.obstacle?.message,
      provider,
    }));
    const pick = await vscode.window.showQuickPick(picks, {
      title,
      matchOnDescription: true,
    });
    if (pick?.provider.obstacle?.kind === "missingKey") {
      await this.keys.set(pick.provider.name);
    }
    return pick?.provider.name;
  }

  private async pickModelOf(provider: string): Promise<string | undefined> {
    // Handed over unfinished: the list shows that it is loading.
    const picks = this.client.request("models/list", { provider }).then(({ models }) =>
      models.map((model) => ({
        label: model.id,
        description: model.name && model.name !== model.id ? model.name : "",
        detail: model.contextWindow
          ? `${model.contextWindow.toLocaleString()} tokens`
          : undefined,
      })),
    );
    const pick = await vscode.window.showQuickPick(picks, {
      title: `Model of ${provider}`,
      matchOnDescription: true,
    });
    return pick?.label;
  }

  dispose(): void {
    this.provider.dispose();
    this.model.dispose();
  }

  private async show(): Promise<void> {
    if (!this.client.isRunning) {
      return;
    }
    const current = await this.current();
    this.provider.text = `$(comment-discussion) ${current?.name ?? "No provider"}`;
    this.model.text = current?.model ?? "";
    this.provider.show();
    this.model[this.model.text ? "show" : "hide"]();
  }

  /** The provider that answers next, with the model it uses. */
  private async current(): Promise<Pick<Provider, "name" | "model"> | undefined> {
    const { provider, model } = this.chat.chosen;
    if (provider && model) {
      return { name: provider, model };
    }
    const known = await this.client.request("providers/list", {});
    const name = provider ?? known.default?.split(":", 1)[0];
    return known.providers.find((one) => one.name === name);
  }
}

function item(command: string, name: string, priority: number): vscode.StatusBarItem {
  const alignment = vscode.StatusBarAlignment.Right;
  const made = vscode.window.createStatusBarItem(command, alignment, priority);
  made.name = `AbstractLLM ${name}`;
  made.tooltip = `AbstractLLM: ${name.toLowerCase()} of the open chat`;
  made.command = `abstractllm.${command}`;
  return made;
}
