// The chat that is open: which session it is, and what the user does to it.

import * as vscode from "vscode";
import { kindOf, type Client } from "./client";
import type {
  ChangedSessions,
  ContextItem,
  LoadedSession,
  Mode,
  SessionInfo,
  SessionUpdate,
} from "./protocol";
import { configuredMode } from "./settings";

const SESSION_KEY = "abstractllm.session";

export interface Choice {
  provider: string;
  model?: string;
}

const DEFAULT_MODE = "edit"; // the server's

/** Something that goes along with the next prompt, and what the user sees of it. */
export interface Attachment {
  label: string;
  item: ContextItem;
}

export class Chat implements vscode.Disposable {
  private readonly loaded = new vscode.EventEmitter<LoadedSession | undefined>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly updated = new vscode.EventEmitter<SessionUpdate>();
  private readonly subscriptions: vscode.Disposable[];
  private choice: Partial<Choice> & { mode?: Mode } = {};

  session: SessionInfo | undefined;
  attachments: Attachment[] = [];

  /** Another session is open, or the same one anew. */
  readonly onDidLoad = this.loaded.event;
  /** The session's title, provider or model, or what is attached, is different. */
  readonly onDidChange = this.changed.event;
  readonly onDidUpdate = this.updated.event;

  constructor(
    private readonly client: Client,
    private readonly memory: vscode.Memento,
  ) {
    this.subscriptions = [
      client.onDidStart(() => this.reload()),
      client.onDidUpdate((update) => {
        if (update.sessionId === this.session?.id) {
          this.updated.fire(update);
        }
      }),
      client.onDidChangeSessions((changed) => this.takeChange(changed)),
    ];
  }

  /** The provider and model that answer next, if the user has chosen some. */
  get chosen(): { provider: string | null; model: string | null } {
    const { provider, model } = this.session ?? this.choice;
    return { provider: provider ?? null, model: model ?? null };
  }

  get mode(): Mode {
    return (this.session ?? this.choice).mode ?? configuredMode() ?? DEFAULT_MODE;
  }

  async open(sessionId: string): Promise<void> {
    this.show(await this.client.request("session/load", { sessionId }));
  }

  /** Show an empty chat; its session begins with its first prompt. */
  startOver(): void {
    this.show(undefined);
  }

  /** Show again what the window showed last, once there is a server to ask. */
  async reload(): Promise<void> {
    const sessionId = this.session?.id ?? this.memory.get<string>(SESSION_KEY);
    if (!sessionId) {
      this.startOver();
    } else if (this.client.isRunning) {
      await this.open(sessionId).catch((error) => this.leave(sessionId, error));
    }
  }

  /** Send a prompt with what is attached, and return the turn that answers it. */
  async send(prompt: string, parentId?: string | null): Promise<string> {
    if (!this.session) {
      this.show(await this.begin());
    }
    const sessionId = this.session!.id;
    const sent = this.attachments;
    const context = sent.map((attachment) => attachment.item);
    const more = context.length ? { context } : {};
    const { turnId } = await this.client.request("session/generate", {
      sessionId,
      prompt,
      ...(parentId === undefined ? {} : { parentId }),
      ...more,
    });
    this.attachments = this.attachments.filter((one) => !sent.includes(one));
    this.changed.fire();
    return turnId;
  }

  /** Show the history as it was at a message, or the branch it lies on. */
  async rewind(messageId: string): Promise<void> {
    const sessionId = this.session!.id;
    this.show(await this.client.request("session/rewind", { sessionId, messageId }));
  }

  /** Have a message shown, on whichever branch it lies. */
  async reveal(messageId: string): Promise<void> {
    const sessionId = this.session!.id;
    const { messages } = await this.client.request("session/load", { sessionId });
    if (!messages.some(({ id }) => id === messageId)) {
      await this.rewind(messageId);
    }
  }

  /** Have a summary made of all but the newest turns. */
  async compact(): Promise<void> {
    if (this.session) {
      await this.client.request("session/compact", { sessionId: this.session.id });
    }
  }

  async uncompact(messageId: string): Promise<void> {
    const sessionId = this.session!.id;
    await this.client.request("session/uncompact", { sessionId, messageId });
    await this.open(sessionId);
  }

  async stop(): Promise<void> {
    if (this.session) {
      await this.client.request("session/cancel", { sessionId: this.session.id });
    }
  }

  /** Let this provider and model answer from the next prompt on. */
  async choose(choice: Choice): Promise<void> {
    if (this.session) {
      const params = { sessionId: this.session.id, ...choice };
      this.session = await this.client.request("session/switchProvider", params);
    } else {
      this.choice = { ...this.choice, ...choice };
    }
    this.changed.fire();
  }

  async setMode(mode: Mode): Promise<void> {
    if (this.session) {
      const params = { sessionId: this.session.id, mode };
      this.session = await this.client.request("session/setMode", params);
    } else {
      this.choice = { ...this.choice, mode };
    }
    this.changed.fire();
  }

  attach(attachment: Attachment): void {
    this.attachments = [...this.attachments, attachment];
    this.changed.fire();
  }

  detach(index: number): void {
    this.attachments = this.attachments.filter((_, at) => at !== index);
    this.changed.fire();
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private async begin(): Promise<LoadedSession> {
    const session = await this.client.request("session/new", this.choice);
    return { session, messages: [] };
  }

  private show(loaded: LoadedSession | undefined): void {
    this.session = loaded?.session;
    void this.memory.update(SESSION_KEY, this.session?.id);
    this.loaded.fire(loaded);
    this.changed.fire();
  }

  private takeChange({ sessionIds, sessions, elsewhere }: ChangedSessions): void {
    const index = sessionIds.findIndex((id) => id === this.session?.id);
    if (index < 0) {
      return;
    }
    const info = sessions[index];
    if (info) {
      this.session = info;
      this.changed.fire();
      if (elsewhere) {
        void this.reload(); // what is said there comes as it is saved
      }
    } else {
      this.startOver();
    }
  }

  /** Begin anew if the session is no more. */
  private leave(sessionId: string, error: unknown): void {
    if (kindOf(error) !== "unknownSession") {
      throw error;
    }
    if (this.session?.id === sessionId || !this.session) {
      this.startOver();
    }
  }
}
