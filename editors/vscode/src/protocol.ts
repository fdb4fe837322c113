// The wire: the server's methods with what they take and give. docs/protocol.md tells
// what they mean; server/abstractllm_server/protocol.py is the other end.

import type {
  Approval,
  CallReference,
  Change,
  Decision,
  EditedFile,
  Mode,
  Question,
  Refusal,
} from "./acting";
import type { Failure, LoadedSession, SessionInfo, SessionUpdate } from "./messages";

export * from "./acting";
export * from "./messages";

export interface Position {
  line: number;
  character: number;
}

/** Something that only the editor knows. */
export interface Query {
  kind:
    | "diagnostics"
    | "symbols"
    | "definition"
    | "references"
    | "hover"
    | "rename"
    | "openFiles";
  uri?: string;
  position?: Position;
  query?: string;
  newName?: string;
}

/** Something that goes along with a prompt. */
export type ContextItem =
  | {
      kind: "file" | "range" | "selection";
      uri: string;
      range?: { start: Position; end: Position };
    }
  | { kind: "diagnostics" | "folder"; uri: string }
  | { kind: "changes" }
  | { kind: "image"; mediaType: string; data: string };

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

/** A message that holds what was searched for; `matches` are places in the snippet. */
export interface SearchHit {
  sessionId: string;
  title: string | null;
  messageId: string;
  role: string;
  snippet: string;
  matches: [number, number][];
}

interface SessionReference {
  sessionId: string;
}

interface TurnReference extends SessionReference {
  /** The message that ended the turn. */
  messageId: string;
}

/** Every request: its name, what it takes and what it answers. */
export interface Requests {
  "session/new": [{ provider?: string; model?: string; mode?: Mode }, SessionInfo];
  "session/list": [
    { limit?: number; cursor?: string },
    { sessions: SessionInfo[]; nextCursor: string | null },
  ];
  "session/load": [SessionReference, LoadedSession];
  "session/generate": [
    SessionReference & {
      prompt: string;
      /** The message that it follows; `null` begins the history anew. */
      parentId?: string | null;
      context?: ContextItem[];
    },
    { turnId: string },
  ];
  "session/regenerate": [
    SessionReference & { messageId: string; provider?: string; model?: string },
    { turnId: string },
  ];
  "session/rewind": [SessionReference & { messageId: string }, LoadedSession];
  "session/fork": [SessionReference & { messageId: string }, SessionInfo];
  "session/compact": [SessionReference, { turnId: string }];
  "session/uncompact": [SessionReference & { messageId: string }, SessionInfo];
  "session/pin": [SessionReference & { pinned: boolean }, SessionInfo];
  "session/undelete": [SessionReference, SessionInfo];
  "session/search": [
    { query: string; limit?: number },
    { hits: SearchHit[]; titles: { sessionId: string; title: string }[] },
  ];
  "session/export": [
    SessionReference & { format: "json" | "markdown" },
    { text: string },
  ];
  "session/import": [{ text: string }, SessionInfo];
  "session/cancel": [SessionReference, { cancelled: boolean }];
  "session/switchProvider": [
    SessionReference & { provider: string; model?: string },
    SessionInfo,
  ];
  "session/setMode": [SessionReference & { mode: Mode }, SessionInfo];
  "session/revertEdits": [
    TurnReference & { uris?: string[] },
    { reverted: string[]; refused: Refusal[]; changes: Change[] },
  ];
  "session/reapplyEdits": [
    TurnReference & { uris?: string[] },
    { applied: string[]; refused: Refusal[]; changes: Change[] },
  ];
  "session/showEdits": [TurnReference | CallReference, { files: EditedFile[] }];
  "approvals/list": [Record<string, never>, { approvals: Approval[] }];
  "approvals/revoke": [{ id: string }, { revoked: boolean }];
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
  /** Another server did it: no updates tell what the messages are now. */
  elsewhere?: boolean;
}

/** Every notification of the server, with what it brings. */
export interface Notifications {
  "session/update": SessionUpdate;
  "sessions/changed": ChangedSessions;
}

/** Every request of the server: what it brings, and what it is answered. */
export interface Inquiries {
  "tool/approve": [Question, Decision];
  "editor/query": [Query, unknown];
  "document/save": [{ uris: string[] }, { saved: string[] }];
}

/** The name of a request or notification on the wire. */
export function methodOf(
  name: keyof Requests | keyof Notifications | keyof Inquiries,
): string {
  return `abstractllm/${name}`;
}
