// What the turns of the open chat changed, and taking it back: a turn's changes as a
// whole, or those of single files.

import * as vscode from "vscode";
import type { Chat } from "./chat";
import type { Client } from "./client";
import type { Change, ChangesOfTurn, LoadedSession, SessionUpdate } from "./protocol";

const SHOWN_MILLISECONDS = 5000;

export class TurnChanges {
  private readonly changed = new vscode.EventEmitter<ChangesOfTurn>();
  /** By the message that ended the turn, in the order of the turns. */
  private readonly turns = new Map<string, Change[]>();

  /** Changes are taken back, or brought back. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly client: Client,
    private readonly chat: Chat,
  ) {
    chat.onDidLoad((loaded) => this.load(loaded));
    chat.onDidUpdate((update) => this.update(update));
  }

  async takeBack(messageId: string, uris?: string[]): Promise<void> {
    const params = this.paramsOf(messageId, uris);
    const { reverted, refused, changes } = await this.client.request(
      "session/revertEdits",
      params,
    );
    this.show({ messageId, changes, refused }, `Took back ${filesOf(reverted)}.`);
  }

  async bringBack(messageId: string, uris?: string[]): Promise<void> {
    const params = this.paramsOf(messageId, uris);
    const { applied, refused, changes } = await this.client.request(
      "session/reapplyEdits",
      params,
    );
    this.show({ messageId, changes, refused }, `Brought back ${filesOf(applied)}.`);
  }

  /** Take back the last turn's changes; those of the one before, if they are already. */
  async takeBackLast(): Promise<void> {
    const last = [...this.turns].findLast(([, changes]) => !areReverted(changes));
    await (last ? this.takeBack(last[0]) : tell("There is nothing to take back."));
  }

  /** Bring back what was taken back last. */
  async bringBackLast(): Promise<void> {
    const turns = [...this.turns];
    const lastStanding = turns.findLastIndex(([, changes]) => !areReverted(changes));
    const next = [turns[lastStanding], turns[lastStanding + 1]].find((turn) =>
      turn?.[1].some(({ reverted }) => reverted),
    );
    await (next ? this.bringBack(next[0]) : tell("There is nothing to bring back."));
  }

  private load(loaded: LoadedSession | undefined): void {
    this.turns.clear();
    for (const { id } of loaded?.messages ?? []) {
      const changes = loaded?.changes?.[id];
      if (changes) {
        this.turns.set(id, changes);
      }
    }
  }

  private update({ update }: SessionUpdate): void {
    if (update.kind === "turnEnded" && update.messageId && update.changes) {
      this.turns.set(update.messageId, update.changes);
    }
  }

  private paramsOf(messageId: string, uris: string[] | undefined) {
    return { sessionId: this.chat.session!.id, messageId, ...(uris && { uris }) };
  }

  private show(turn: ChangesOfTurn, done: string): void {
    this.turns.set(turn.messageId, turn.changes);
    this.changed.fire(turn);
    const reasons = turn.refused.map(({ reason }) => reason);
    if (reasons.length > 0) {
      void vscode.window.showWarningMessage([done, ...reasons].join(" "));
    } else {
      void tell(done);
    }
  }
}

async function tell(text: string): Promise<void> {
  vscode.window.setStatusBarMessage(`$(history) ${text}`, SHOWN_MILLISECONDS);
}

function areReverted(changes: Change[]): boolean {
  return changes.every(({ reverted }) => reverted);
}

function filesOf(uris: string[]): string {
  return uris.length === 1 ? "1 file" : `${uris.length} files`;
}
