// The wire: the server's methods with what they take and give. docs/protocol.md tells
// what they mean; server/abstractllm_server/protocol.py is the other end.

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
}

export interface Failure {
  kind: string;
  message: string;
}

export interface SessionInfo {
  id: string;
  title: string | null;
  provider: string | null;
  model: string | null;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  usage: Usage;
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
  | { kind: "image"; mediaType: string }
  | { kind: "resource"; uri: string; text: string; range: LineRange | null }
  | { kind: "toolCall"; id: string; name: string; arguments: Record<string, unknown> }
  | { kind: "toolResult"; callId: string; content: string; isError: boolean };

export interface Message {
  id: string;
  role: "system" | "user" | "assistant" | "tool";
  parts: Part[];
  status: "complete" | "interrupted" | "error";
  provider: string | null;
  model: string | null;
  metadata: { error?: Failure };
}

export type ToolStatus = "pending" | "running" | "done" | "failed";

export type Update =
  | { kind: "userMessage"; message: Message }
  | { kind: "textDelta" | "thinkingDelta"; text: string }
  | {
      kind: "toolCall";
      callId: string;
      name: string;
      arguments: Record<string, unknown>;
      status: ToolStatus;
    }
  | { kind: "toolResult"; callId: string; content: string; isError: boolean }
  | { kind: "usage"; usage: Usage }
  | { kind: "notice"; message: string; level: "info" | "warning" }
  | { kind: "turnEnded"; stopReason: string; usage: Usage; error?: Failure };

export interface SessionUpdate {
  sessionId: string;
  turnId: string;
  seq: number;
  update: Update;
}

export interface LoadedSession {
  session: SessionInfo;
  messages: Message[];
  turn?: { turnId: string; nextSeq: number; updates: Update[] };
}

export interface Position {
  line: number;
  character: number;
}

export interface ContextItem {
  kind: "file" | "range" | "selection";
  uri: string;
  range?: { start: Position; end: Position };
}

export interface Provider {
  name: string;
  model: string | null;
  ready: boolean;
  obstacle: Failure | null;
}

export interface Model {
  id: string;
  name: string | null;
  contextWindow: number | null;
}

interface SessionReference {
  sessionId: string;
}

/** Every request: its name, what it takes and what it answers. */
export interface Requests {
  "session/new": [{ provider?: string; model?: string }, SessionInfo];
  "session/list": [
    { limit?: number; cursor?: string },
    { sessions: SessionInfo[]; nextCursor: string | null },
  ];
  "session/load": [SessionReference, LoadedSession];
  "session/generate": [
    SessionReference & { prompt: string; context?: ContextItem[] },
    { turnId: string },
  ];
  "session/cancel": [SessionReference, { cancelled: boolean }];
  "session/switchProvider": [
    SessionReference & { provider: string; model?: string },
    SessionInfo,
  ];
  "session/rename": [SessionReference & { title: string }, SessionInfo];
  "session/delete": [SessionReference, { deleted: true }];
  "providers/list": [
    Record<string, never>,
    { providers: Provider[]; default: string | null },
  ];
  "models/list": [{ provider?: string }, { provider: string; models: Model[] }];
}

export interface ChangedSessions {
  sessionIds: string[];
  /** What they are now, in the same order; `null` where one is deleted. */
  sessions: (SessionInfo | null)[];
}

/** Every notification of the server, with what it brings. */
export interface Notifications {
  "session/update": SessionUpdate;
  "sessions/changed": ChangedSessions;
}

/** The name of a request or notification on the wire. */
export function methodOf(name: keyof Requests | keyof Notifications): string {
  return `abstractllm/${name}`;
}
