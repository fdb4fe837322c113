// The list of what is allowed always in this workspace, to take it back from.

import * as vscode from "vscode";
import type { Client } from "./client";

export async function manageApprovals(client: Client): Promise<void> {
  const { approvals } = await client.request("approvals/list", {});
  if (approvals.length === 0) {
    void vscode.window.showInformationMessage(
      "Nothing is allowed always in this workspace. Each call is asked about.",
    );
    return;
  }
  const picks = approvals.map(({ id, tool, scope, since }) => ({
    label: scope || tool,
    description: scope ? tool : "",
    detail: `Always allowed since ${new Date(since).toLocaleString()}`,
    id,
  }));
  const pick = await vscode.window.showQuickPick(picks, {
    title: "Always Allowed in This Workspace",
    placeHolder: "Choose one to be asked about again",
    matchOnDescription: true,
  });
  if (pick) {
    await client.request("approvals/revoke", { id: pick.id });
    void vscode.window.showInformationMessage(`“${pick.label}” is asked about again.`);
  }
}
