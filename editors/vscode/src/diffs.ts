// The editor's own diffs of what a call would change, and of what a turn has changed.

import * as vscode from "vscode";
import type { Client } from "./client";
import type { EditedFile, Requests } from "./protocol";

const SCHEME = "abstractllm-diff";

interface Pair {
  /** As it is called in the end. */
  file: vscode.Uri;
  before: vscode.Uri | undefined;
  after: vscode.Uri | undefined;
}

export class Diffs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly subscriptions: vscode.Disposable[];
  private count = 0;

  constructor(private readonly client: Client) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) =>
        this.texts.delete(String(uri)),
      ),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(String(uri)) ?? "";
  }

  /** Show the changes of a call or a turn: those of all files, or of one. */
  async show(
    of: Requests["session/showEdits"][0],
    title: string,
    uri?: string,
  ): Promise<void> {
    const { files } = await this.client.request("session/showEdits", of);
    const pairs = files
      .filter((file) => uri === undefined || file.uri === uri)
      .map((file) => this.pairOf(file));
    if (pairs.length > 1) {
      await showTogether(pairs, title);
    } else if (pairs[0]) {
      const name = nameOf(pairs[0].file);
      await showAlone(pairs[0], title.includes(name) ? title : `${name} (${title})`);
    }
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private pairOf({ uri, newUri, before, after }: EditedFile): Pair {
    const file = vscode.Uri.parse(newUri ?? uri);
    return {
      file,
      before: this.keep(uri, before),
      after: this.keep(String(file), after),
    };
  }

  /** Keep a text for the editor to read; its name keeps the file's, for its language. */
  private keep(uri: string, text: string | null): vscode.Uri | undefined {
    if (text === null) {
      return undefined;
    }
    const { path } = vscode.Uri.parse(uri);
    const made = vscode.Uri.from({
      scheme: SCHEME,
      path,
      query: String((this.count += 1)),
    });
    this.texts.set(String(made), text);
    return made;
  }
}

async function showTogether(pairs: Pair[], title: string): Promise<void> {
  const resources = pairs.map(({ file, before, after }) => [file, before, after]);
  await vscode.commands.executeCommand("vscode.changes", title, resources);
}

async function showAlone({ file, before, after }: Pair, title: string): Promise<void> {
  const nothing = vscode.Uri.from({ scheme: SCHEME, path: file.path });
  const sides = [before ?? nothing, after ?? nothing];
  await vscode.commands.executeCommand("vscode.diff", ...sides, title);
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.split("/").at(-1)!;
}
