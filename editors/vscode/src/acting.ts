// What tools that act bring along: questions and decisions, and what was changed.

/** What a session's models may do: only look; edit and run, asking each time; or edit
 * without asking. */
export type Mode = "ask" | "edit" | "auto";

export type ToolKind = "read" | "edit" | "run" | "other";

/** Which call is meant, of all that wait. */
export interface CallReference {
  sessionId: string;
  callId: string;
}

/** A call that waits for the user's word. */
export interface Question extends CallReference {
  turnId: string;
  name: string;
  kind: ToolKind;
  title: string;
  arguments: Record<string, unknown>;
  diff?: string;
  command?: string;
  folder?: string;
}

export type Verdict = "once" | "session" | "always" | "reject";

export interface Decision {
  decision: Verdict;
  /** Why not, for the model. */
  reason?: string;
  /** The accepted hunks of the diff, counted from 0 over all its files; left out: all. */
  hunks?: number[];
}

/** Something that is allowed always, in this workspace. */
export interface Approval {
  id: string;
  tool: string;
  scope: string;
  since: string;
}

/** What a turn did to a file. */
export interface Change {
  uri: string;
  kind: "created" | "edited" | "deleted" | "renamed";
  newUri?: string | null;
  /** Numbers of lines. */
  added: number;
  removed: number;
  /** Whether it is taken back. */
  reverted: boolean;
}

/** A file that was left as it is, and why. */
export interface Refusal {
  uri: string;
  reason: string;
}

/** What is now the case of the changes of a turn, and what of it was not done. */
export interface ChangesOfTurn {
  /** The message that ended the turn. */
  messageId: string;
  changes: Change[];
  refused: Refusal[];
}

/** The texts of a file before and after a change; `null` where it is not there. */
export interface EditedFile {
  uri: string;
  newUri?: string;
  before: string | null;
  after: string | null;
}
