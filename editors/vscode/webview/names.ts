// How files are called: by their way from the workspace's folders.

let folders: string[] = [];

/** Call files by their way from these, from now on. */
export function nameFrom(uris: string[]): void {
  folders = uris;
}

export function nameOf(uri: string): string {
  const folder = folders.find((each) => uri.startsWith(`${each}/`));
  const rest = folder ? uri.slice(folder.length + 1) : uri.replace(/^\w+:\/*/, "/");
  return decodeURIComponent(rest);
}
