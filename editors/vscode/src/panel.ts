// What the extension and the page in its chat view say to each other.

import type {
  ChangesOfTurn,
  Decision,
  LoadedSession,
  Question,
  SessionInfo,
  SessionUpdate,
} from "./protocol";

export type ToPage =
  /** Show this session, or an empty chat. Files in `folders` are named from there. */
  | { kind: "session"; loaded: LoadedSession | undefined; folders: string[] }
  | { kind: "update"; update: SessionUpdate }
  /** The calls of the session that wait for the user, all of them. */
  | { kind: "questions"; questions: Question[] }
  | ({ kind: "changes" } & ChangesOfTurn)
  /** What goes along with the next prompt, in words such as `main.py:3-7`. */
  | { kind: "context"; labels: string[]; session: SessionInfo | undefined }
  /** Show where this message is. */
  | { kind: "reveal"; messageId: string }
  /** The prompt was taken, and this turn answers it: the page may forget it. */
  | { kind: "accepted"; turnId: string }
  /** The prompt was not taken: the page gives it back to the user. */
  | { kind: "refused"; message: string }
  | { kind: "failed"; message: string }
  | { kind: "focus"; on: "prompt" | "question" };

export type FromPage =
  /** The page listens now, or has missed an update: tell it everything. */
  | { kind: "ready" }
  /** With `parentId` it follows that message, in the place of another prompt. */
  | { kind: "send"; prompt: string; parentId?: string | null }
  | { kind: "regenerate"; messageId: string; choose: boolean }
  | { kind: "rewind" | "fork" | "uncompact"; messageId: string }
  | { kind: "stop" }
  /** Let the user choose something to go along with the next prompt. */
  | { kind: "attach" }
  | { kind: "attachPicture"; mediaType: string; data: string }
  | { kind: "detach"; index: number }
  | { kind: "copy" | "insert"; text: string }
  | { kind: "setKey" }
  | { kind: "answer"; callId: string; decision: Decision }
  /** Show the editor's own diff of a call that waits. */
  | { kind: "showCall"; callId: string; title: string }
  /** Show the editor's own diff of what a turn changed, or of one file. */
  | { kind: "showChanges"; messageId: string; uri?: string }
  | { kind: "takeBack" | "bringBack"; messageId: string; uris?: string[] };
