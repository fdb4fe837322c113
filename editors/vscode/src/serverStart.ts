// Starting the server, and what the user can do where it does not start.

import * as vscode from "vscode";
import type { Client } from "./client";

const SETTINGS = "Open Settings";
const RETRY = "Try Again";

export async function start(client: Client): Promise<void> {
  try {
    await client.start();
  } catch (error) {
    void offerHelp(client, (error as Error).message);
  }
}

async function offerHelp(client: Client, message: string): Promise<void> {
  const answer = await vscode.window.showErrorMessage(
    `The AbstractLLM server does not start: ${message}`,
    SETTINGS,
    RETRY,
  );
  if (answer === SETTINGS) {
    const setting = "abstractllm.serverPath";
    await vscode.commands.executeCommand("workbench.action.openSettings", setting);
  } else if (answer === RETRY) {
    await start(client);
  }
}
