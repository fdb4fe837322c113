// The workspace's sessions: asked for once, and kept as the server tells of changes.

import * as vscode from "vscode";
import type { Client } from "./client";
import type { ChangedSessions, SessionInfo } from "./protocol";

const MOST = 1000; // the server's largest page

type ById = Map<string, SessionInfo>;

export class SessionList {
  private readonly changed = new vscode.EventEmitter<void>();
  private known: Promise<ById> | undefined;

  readonly onDidChange = this.changed.event;

  constructor(private readonly client: Client) {
    client.onDidStart(() => {
      this.known = undefined;
      this.changed.fire();
    });
    client.onDidChangeSessions((changed) => {
      // What changes while the list is still asked for is newer than the answer.
      this.known = this.known?.then((sessions) => withChanges(sessions, changed));
      this.changed.fire();
    });
  }

  /** Return the sessions, pinned ones first, then the last changed; none while no server runs. */
  async all(): Promise<SessionInfo[]> {
    if (!this.client.isRunning) {
      return [];
    }
    const sessions = await (this.known ??= this.ask());
    return [...sessions.values()].sort(
      (one, other) =>
        Number(other.pinned) - Number(one.pinned) ||
        other.updatedAt.localeCompare(one.updatedAt),
    );
  }

  private async ask(): Promise<ById> {
    try {
      const known: ById = new Map();
      let cursor: string | undefined;
      do {
        const params = { limit: MOST, ...(cursor ? { cursor } : {}) };
        const page = await this.client.request("session/list", params);
        page.sessions.forEach((session) => known.set(session.id, session));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      return known;
    } catch (error) {
      this.known = undefined;
      throw error;
    }
  }
}

function withChanges(sessions: ById, { sessionIds, sessions: infos }: ChangedSessions) {
  sessionIds.forEach((id, index) => {
    const info = infos[index];
    if (info) {
      sessions.set(id, info);
    } else {
      sessions.delete(id);
    }
  });
  return sessions;
}
