// The history as a tree: going back in it, answering anew, and forking.

import * as vscode from "vscode";
import type { Chat, Choice } from "./chat";
import type { Client } from "./client";
import type { LoadedSession } from "./protocol";
import type { TurnChanges } from "./turnChanges";

export class Branches {
  constructor(
    private readonly client: Client,
    private readonly chat: Chat,
    private readonly changes: TurnChanges,
    private readonly choose: () => Promise<Choice | undefined>,
  ) {}

  /** Answer a prompt anew, by another model if the user is to choose one. */
  async regenerate(messageId: string, choose: boolean): Promise<void> {
    const choice = choose ? await this.choose() : {};
    if (choice && this.chat.session) {
      const sessionId = this.chat.session.id;
      const params = { sessionId, messageId, ...choice };
      await this.client.request("session/regenerate", params);
    }
  }

  /** Open a new chat that begins with the history up to a message. */
  async fork(messageId: string): Promise<void> {
    const sessionId = this.chat.session!.id;
    const forked = await this.client.request("session/fork", { sessionId, messageId });
    await this.chat.open(forked.id);
  }

  /** Show the history as it was at a message, or the branch it lies on. */
  async rewind(messageId: string): Promise<void> {
    const sessionId = this.chat.session!.id;
    const before = await this.client.request("session/load", { sessionId });
    const place = before.messages.findIndex(({ id }) => id === messageId);
    const isShown = place >= 0;
    if (isShown && !(await this.takeBackAfter(before, place))) {
      return;
    }
    await this.chat.rewind(messageId);
    const last = before.messages.at(-1);
    if (isShown && last && last.id !== messageId) {
      void this.offerUndo(sessionId, last.id);
    }
  }

  /** Ask whether to take back what later turns changed; return whether to go on. */
  private async takeBackAfter(
    { messages, changes }: LoadedSession,
    place: number,
  ): Promise<boolean> {
    const turns = messages
      .slice(place + 1)
      .filter(({ id }) => changes?.[id]?.some(({ reverted }) => !reverted))
      .reverse();
    if (!turns.length) {
      return true;
    }
    const both = "Take Back and Rewind";
    const only = "Only Rewind";
    const answer = await vscode.window.showWarningMessage(
      "What follows here changed files. Take these changes back, too?",
      { modal: true },
      both,
      only,
    );
    if (answer === both) {
      for (const { id } of turns) {
        await this.changes.takeBack(id);
      }
    }
    return answer !== undefined;
  }

  private async offerUndo(sessionId: string, messageId: string): Promise<void> {
    const undo = "Undo";
    const told = "What followed is kept on a branch of its own.";
    const answer = await vscode.window.showInformationMessage(told, undo);
    if (answer === undo && this.chat.session?.id === sessionId) {
      await this.chat.rewind(messageId);
    }
  }
}
