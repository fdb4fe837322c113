// What the models of the open chat may do: shown in the status bar, chosen there.

import * as vscode from "vscode";
import type { Chat } from "./chat";
import type { Mode } from "./protocol";

const MODES: Record<Mode, { icon: string; detail: string }> = {
  ask: {
    icon: "$(eye)",
    detail: "Models look at files. They change and run nothing.",
  },
  edit: {
    icon: "$(edit)",
    detail: "Models edit files and run commands, and ask before each time.",
  },
  auto: {
    icon: "$(rocket)",
    detail:
      "Models edit the workspace's files without asking. Commands are still asked for.",
  },
};

export class ModePicker implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "chooseMode",
    vscode.StatusBarAlignment.Right,
    9_999,
  );

  constructor(private readonly chat: Chat) {
    this.item.name = "AbstractLLM Mode";
    this.item.command = "abstractllm.chooseMode";
    chat.onDidChange(() => this.show());
    this.show();
  }

  async choose(): Promise<void> {
    const picks = Object.entries(MODES).map(([mode, { icon, detail }]) => ({
      label: `${icon} ${mode}`,
      description: mode === this.chat.mode ? "now" : "",
      detail,
      mode: mode as Mode,
    }));
    const pick = await vscode.window.showQuickPick(picks, {
      title: "Mode of This Chat",
    });
    if (pick) {
      await this.chat.setMode(pick.mode);
    }
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(): void {
    const { mode } = this.chat;
    this.item.text = `${MODES[mode].icon} ${mode}`;
    this.item.tooltip = `AbstractLLM: mode of the open chat. ${MODES[mode].detail}`;
    this.item.show();
  }
}
