// A unified diff, read: files, their hunks, and the lines of these.

export interface Line {
  sign: " " | "+" | "-";
  text: string;
}

export interface Hunk {
  /** Counted from 0 over all files: the server knows it by that. */
  number: number;
  /** Where it begins, and in what: `12 def main():`. */
  start: number;
  section: string;
  lines: Line[];
}

export interface FileDiff {
  /** Its name before and after; `undefined` where it is not there. */
  before: string | undefined;
  after: string | undefined;
  hunks: Hunk[];
  /** Whether lines are missing: what is kept of a long diff is its beginning. */
  isCut?: boolean;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

export function readDiff(diff: string): FileDiff[] {
  const lines = diff.split("\n");
  const files: FileDiff[] = [];
  let hunks = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    const found = HUNK.exec(line);
    if (found) {
      const size = { "-": Number(found[2] ?? 1), "+": Number(found[4] ?? 1) };
      const read = readLines(lines, at + 1, size);
      const [start, section] = [Number(found[3]), found[5]!];
      const file = files.at(-1);
      file?.hunks.push({ number: hunks, start, section, lines: read.lines });
      if (file && read.isCut) {
        file.isCut = true;
      }
      hunks += 1;
      at = read.end - 1;
    } else if (line.startsWith("--- ")) {
      const before = nameIn(line);
      const after = nameIn(lines[at + 1] ?? "");
      fileOf(files, before, after);
      at += 1;
    } else if (line.startsWith("rename from ")) {
      const after = lines[at + 1]?.slice("rename to ".length);
      files.push({ before: line.slice("rename from ".length), after, hunks: [] });
      at += 1;
    }
  }
  return files;
}

/** Begin a file, unless lines on its renaming did. */
function fileOf(
  files: FileDiff[],
  before: string | undefined,
  after: string | undefined,
): void {
  const last = files.at(-1);
  const isBegun = last?.before === before && last?.after === after;
  if (!isBegun || last!.hunks.length > 0) {
    files.push({ before, after, hunks: [] });
  }
}

/** Read the lines of a hunk. How many there are is known: some look like headers. */
function readLines(
  lines: string[],
  start: number,
  left: { "-": number; "+": number },
): { lines: Line[]; end: number; isCut: boolean } {
  const read: Line[] = [];
  let at = start;
  while (left["-"] > 0 || left["+"] > 0) {
    const line = lines[at];
    const sign = line?.[0];
    if (line === undefined || !isSign(sign)) {
      return { lines: read, end: at, isCut: true };
    }
    if (sign !== "\\") {
      left["-"] -= sign === "+" ? 0 : 1;
      left["+"] -= sign === "-" ? 0 : 1;
      read.push({ sign, text: line.slice(1) });
    }
    at += 1;
  }
  return { lines: read, end: at, isCut: false };
}

/** A backslash begins a remark such as "No newline at end of file". */
function isSign(sign: string | undefined): sign is Line["sign"] | "\\" {
  return sign === " " || sign === "+" || sign === "-" || sign === "\\";
}

/** Return the name in a header, without what tells the sides apart. */
function nameIn(header: string): string | undefined {
  const name = header.slice(4).split("\t")[0]!;
  return name === "/dev/null" ? undefined : name.replace(/^[ab]\//, "");
}

/** Return how many lines a diff adds and takes away, if all of it is there. */
export function countsOf(
  files: FileDiff[],
): { added: number; removed: number } | undefined {
  if (files.length === 0 || files.some(({ isCut }) => isCut)) {
    return undefined;
  }
  const lines = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines));
  return {
    added: lines.filter(({ sign }) => sign === "+").length,
    removed: lines.filter(({ sign }) => sign === "-").length,
  };
}
