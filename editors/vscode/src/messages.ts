// What is said in a session: the shapes that docs/protocol.md describes.

import type { Change, Mode, ToolKind } from "./acting";

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
}

export interface Failure {
  kind: string;
  message: string;
}

/** `incomplete` where some models have no known price. */
export interface Cost {
  amount: number;
  currency: string;
  incomplete?: boolean;
}

/** In tokens. */
export interface ContextUse {
  used: number;
  window: number | null;
  estimated: boolean;
}

/** The siblings of a message, and itself, by the message. */
export type Siblings = Record<string, string[]>;

export interface SessionInfo {
  id: string;
  title: string | null;
  provider: string | null;
  model: string | null;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  usage: Usage;
  cost: Cost | null;
  context: ContextUse | null;
  mode: Mode;
  pinned: boolean;
  runningElsewhere: boolean;
}

export interface LineRange {
  /** From zero. */
  start: number;
  /** Exclusive. */
  end: number;
}

export type Part =
  | { kind: "text"; text: string }
  | { kind: "thinking"; text: string }
  | { kind: "image"; mediaType: string; data: string }
  | { kind: "resource"; uri: string; text: string; range: LineRange | null }
  | { kind: "toolCall"; id: string; name: string; arguments: Record<string, unknown> }
  | { kind: "toolResult"; callId: string; content: string; isError: boolean };

/** What a summary remembers: it is the message of a compaction. */
export interface Compaction {
  replaces: [string, string];
  tokensBefore: number;
  tokensAfter: number;
  toolResultsOnly?: boolean;
  undone?: boolean;
}

export interface Message {
  id: string;
  parentId: string | null;
  role: "system" | "user" | "assistant" | "tool";
  parts: Part[];
  status: "complete" | "interrupted" | "error" | "streaming";
  provider: string | null;
  model: string | null;
  metadata: {
    error?: Failure;
    tools?: Record<string, KeptCall>;
    compaction?: Compaction;
  };
}

export type ToolStatus =
  "pending" | "awaitingApproval" | "running" | "done" | "failed" | "rejected";

/** What is known of a call beside its name and arguments. It comes with the first update
 * that knows it, and not again. */
export interface CallDetails {
  title?: string;
  /** A unified diff of all files. */
  diff?: string;
  command?: string;
  folder?: string;
}

/** A call that is over, as it is kept with its result. */
export interface KeptCall extends CallDetails {
  kind: ToolKind;
  status: ToolStatus;
}

export type Update =
  | { kind: "userMessage"; message: Message; siblings?: Siblings }
  | { kind: "compacted"; message: Message }
  | { kind: "textDelta" | "thinkingDelta"; text: string }
  | ({
      kind: "toolCall";
      callId: string;
      name: string;
      arguments: Record<string, unknown>;
      status: ToolStatus;
      toolKind?: ToolKind;
    } & CallDetails)
  | { kind: "toolOutput"; callId: string; text: string }
  | { kind: "toolResult"; callId: string; content: string; isError: boolean }
  | { kind: "usage"; usage: Usage }
  | { kind: "notice"; message: string; level: "info" | "warning" }
  | {
      kind: "turnEnded";
      stopReason: string;
      messageId: string | null;
      usage: Usage;
      siblings?: Siblings;
      error?: Failure;
      changes?: Change[];
    };

export interface SessionUpdate {
  sessionId: string;
  turnId: string;
  seq: number;
  update: Update;
}

export interface LoadedSession {
  session: SessionInfo;
  messages: Message[];
  siblings?: Siblings;
  /** What turns changed, by the message that ended each. */
  changes?: Record<string, Change[]>;
  turn?: { turnId: string; nextSeq: number; updates: Update[] };
}
