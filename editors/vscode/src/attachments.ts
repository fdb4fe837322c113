// What can go along with a prompt beside a selection: problems, git's changes, a folder,
// a picture. The server gathers them, as they are when the prompt is sent.

import * as vscode from "vscode";
import type { Attachment } from "./chat";

/** Pictures that models take. */
const MEDIA_TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

interface Source {
  label: string;
  description?: string;
  take: () => Promise<Attachment | undefined>;
}

/** Let the user choose what goes along. */
export async function chooseAttachment(): Promise<Attachment | undefined> {
  const sources: Source[] = [
    ...problems(vscode.window.activeTextEditor?.document.uri),
    {
      label: "$(git-compare) Changes",
      description: "what git diff tells",
      take: async () => ({ label: "changes", item: { kind: "changes" } }),
    },
    { label: "$(folder) Folder…", description: "what is in it", take: chooseFolder },
    { label: "$(device-camera) Picture…", take: choosePicture },
  ];
  const title = "Attach to the Prompt";
  return await (await vscode.window.showQuickPick(sources, { title }))?.take();
}

/** Return a picture as something to send along. */
export function picture(name: string, mediaType: string, data: string): Attachment {
  return { label: name, item: { kind: "image", mediaType, data } };
}

function problems(uri: vscode.Uri | undefined): Source[] {
  if (!uri) {
    return [];
  }
  const name = uri.path.split("/").at(-1)!;
  const count = vscode.languages.getDiagnostics(uri).length;
  return [
    {
      label: `$(warning) Problems of ${name}`,
      description: count === 1 ? "1 problem" : `${count} problems`,
      take: async () => ({
        label: `problems of ${name}`,
        item: { kind: "diagnostics", uri: String(uri) },
      }),
    },
  ];
}

async function chooseFolder(): Promise<Attachment | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.workspace.workspaceFolders?.[0]?.uri,
      openLabel: "Attach",
    })) ?? [];
  const label = uri && `${vscode.workspace.asRelativePath(uri)}/`;
  return uri && { label: label!, item: { kind: "folder", uri: String(uri) } };
}

async function choosePicture(): Promise<Attachment | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      filters: { Pictures: Object.keys(MEDIA_TYPES) },
      openLabel: "Attach",
    })) ?? [];
  if (!uri) {
    return undefined;
  }
  const name = uri.path.split("/").at(-1)!;
  const mediaType = MEDIA_TYPES[name.split(".").at(-1)!.toLowerCase()];
  if (!mediaType) {
    throw new Error(`${name} is no picture that models take: PNG, JPEG, GIF or WebP.`);
  }
  const data = Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("base64");
  return picture(name, mediaType, data);
}
