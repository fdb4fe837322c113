// The calls that wait for the user's word. They are kept here, not in the page of the
// chat, which comes and goes.

import * as vscode from "vscode";
import type { Client } from "./client";
import type { CallReference, Decision, Question, Verdict } from "./protocol";

interface Waiting {
  question: Question;
  settle: (decision: Decision) => void;
}

export class Approvals {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly waiting = new Map<string, Waiting>();

  /** A call waits, or does so no longer. */
  readonly onDidChange = this.changed.event;

  constructor(client: Client) {
    client.answer("tool/approve", (question, token) => this.ask(question, token));
    // Those of a server that has ended wait for nothing any more.
    client.onDidStart(() => this.rejectAll());
  }

  /** The calls that wait, the longest one first. */
  get questions(): Question[] {
    return [...this.waiting.values()].map(({ question }) => question);
  }

  questionsOf(sessionId: string | undefined): Question[] {
    return this.questions.filter((question) => question.sessionId === sessionId);
  }

  next(): Question | undefined {
    return this.questions[0];
  }

  /** Answer a call, or else the one that waits the longest. */
  answerNext(decision: Verdict, call: CallReference | undefined = this.next()): void {
    if (call) {
      this.answer(call, { decision });
    }
  }

  /** Let the call go on or not; nothing happens if it does not wait any more. */
  answer(call: CallReference, decision: Decision): void {
    this.waiting.get(keyOf(call))?.settle(decision);
  }

  private ask(question: Question, token: vscode.CancellationToken): Promise<Decision> {
    const key = keyOf(question);
    return new Promise((resolve) => {
      const settle = (decision: Decision) => {
        if (this.waiting.get(key)?.settle === settle) {
          this.waiting.delete(key);
          resolve(decision);
          this.changed.fire();
        }
      };
      this.waiting.set(key, { question, settle });
      token.onCancellationRequested(() => settle({ decision: "reject" }));
      this.changed.fire();
    });
  }

  private rejectAll(): void {
    for (const { settle } of [...this.waiting.values()]) {
      settle({ decision: "reject" });
    }
  }
}

/** Calls are numbered by vendors, some of which begin anew in each session. */
export function keyOf({ sessionId, callId }: CallReference): string {
  return `${sessionId} ${callId}`;
}
