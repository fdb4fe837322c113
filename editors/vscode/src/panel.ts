// What the extension and the page in its chat view say to each other.

import type { LoadedSession, SessionUpdate } from "./protocol";

export type ToPage =
  /** Show this session, or an empty chat. */
  | { kind: "session"; loaded: LoadedSession | undefined }
  | { kind: "update"; update: SessionUpdate }
  /** What goes along with the next prompt, in words such as `main.py:3-7`. */
  | { kind: "context"; labels: string[] }
  /** The prompt was taken, and this turn answers it: the page may forget it. */
  | { kind: "accepted"; turnId: string }
  /** The prompt was not taken: the page gives it back to the user. */
  | { kind: "refused"; message: string }
  | { kind: "failed"; message: string }
  | { kind: "focus" };

export type FromPage =
  /** The page listens now, or has missed an update: tell it everything. */
  | { kind: "ready" }
  | { kind: "send"; prompt: string }
  | { kind: "stop" }
  | { kind: "detach"; index: number }
  | { kind: "copy" | "insert"; text: string }
  | { kind: "setKey" };
