// The language client: starts the server, tells it the settings, and asks it things.

import * as vscode from "vscode";
import {
  ResponseError,
  State,
  type LanguageClientOptions,
  type ServerCapabilities,
  type StaticFeature,
} from "vscode-languageclient/node";
import { applyEdit, saveDocuments } from "./documents";
import { answerQuery, QUERIES } from "./editorQueries";
import { KeyedLanguageClient } from "./keyPipe";
import type { Keys } from "./keys";
import {
  methodOf,
  type Inquiries,
  type Notifications,
  type Requests,
} from "./protocol";
import { findServer } from "./serverCommand";
import { SECTION, serverSettings } from "./settings";

/** How long the server may take to end: it keeps the partial replies first. */
const STOP_MILLISECONDS = 5000;

const OPTIONS: LanguageClientOptions = {
  // Every text the user edits: the server reads open buffers, saved or not.
  documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
  initializationOptions: {
    capabilities: {
      panel: true, // it shows a turn and stops it: VS Code need not show its progress, too
      approvals: true,
      saves: true,
      editorQueries: QUERIES,
    },
  },
  middleware: { workspace: { handleApplyEdit: applyEdit } },
};

/** Command ids are global in VS Code: registered here, two servers would collide. The
 * same methods are called as requests instead. */
const NO_COMMANDS: StaticFeature = {
  preInitialize(capabilities: ServerCapabilities) {
    delete capabilities.executeCommandProvider;
  },
  fillClientCapabilities() {},
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

type Answering<Name extends keyof Inquiries> = (
  params: Inquiries[Name][0],
  token: vscode.CancellationToken,
) => Promise<Inquiries[Name][1]>;

export class Client implements vscode.Disposable {
  private readonly started = new vscode.EventEmitter<void>();
  private readonly updated = new vscode.EventEmitter<Notifications["session/update"]>();
  private readonly sessionsChanged = new vscode.EventEmitter<
    Notifications["sessions/changed"]
  >();
  private readonly answers = new Map<keyof Inquiries, Answering<any>>();
  private language: KeyedLanguageClient | undefined;
  private ready: Promise<void> = Promise.resolve();

  /** The server runs, for the first time or anew, and has the settings. */
  readonly onDidStart = this.started.event;
  readonly onDidUpdate = this.updated.event;
  readonly onDidChangeSessions = this.sessionsChanged.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly keys: Keys,
  ) {}

  /** Start the server, anew if one runs; requests wait for it. Raises
   * `ServerMissing`. */
  start(): Promise<void> {
    this.ready = this.stop().then(() => this.launch());
    return this.ready;
  }

  async stop(): Promise<void> {
    const language = this.language;
    this.language = undefined;
    if (language?.needsStop()) {
      const server = language.serverProcess;
      // One that hangs must not be in the way of the next.
      await language.stop(STOP_MILLISECONDS).catch(() => server?.kill("SIGKILL"));
    }
  }

  get isRunning(): boolean {
    return this.language !== undefined;
  }

  async request<Name extends keyof Requests>(
    name: Name,
    params: Requests[Name][0],
  ): Promise<Requests[Name][1]> {
    await this.ready;
    if (!this.language) {
      throw new Error("The server does not run. Use “AbstractLLM: Restart Server”.");
    }
    return await this.language.sendRequest(methodOf(name), params);
  }

  /** Let this answer what servers ask that are started from now on. */
  answer<Name extends keyof Inquiries>(name: Name, answering: Answering<Name>): void {
    this.answers.set(name, answering);
  }

  /** Tell the server the settings as they are now. */
  async configure(): Promise<void> {
    await this.language?.sendNotification("workspace/didChangeConfiguration", {
      settings: { [SECTION]: serverSettings() },
    });
  }

  async sendKeys(): Promise<void> {
    await this.language?.sendKeys();
  }

  dispose(): void {
    void this.stop();
  }

  private async launch(): Promise<void> {
    const server = findServer(this.context);
    const language = new KeyedLanguageClient(server, this.keys, OPTIONS);
    language.registerFeature(NO_COMMANDS);
    this.listen(language);
    this.language = language;
    try {
      await language.start();
      await this.greet(language);
    } catch (error) {
      this.language = undefined;
      throw error;
    }
  }

  private async greet(language: KeyedLanguageClient): Promise<void> {
    await this.configure();
    this.started.fire();
    // The language client starts a server that has died again by itself.
    language.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        this.ready = this.configure().then(() => this.started.fire());
      }
    });
  }

  private listen(language: KeyedLanguageClient): void {
    language.onNotification(
      methodOf("session/update"),
      (update: Notifications["session/update"]) => this.updated.fire(update),
    );
    language.onNotification(
      methodOf("sessions/changed"),
      (changed: Notifications["sessions/changed"]) =>
        this.sessionsChanged.fire(changed),
    );
    for (const [name, answering] of this.answers) {
      language.onRequest(methodOf(name), answering);
    }
    language.onRequest(
      methodOf("editor/query"),
      (query: Inquiries["editor/query"][0]) =>
        answerQuery(query, language.code2ProtocolConverter),
    );
    language.onRequest(
      methodOf("document/save"),
      async ({ uris }: Inquiries["document/save"][0]) => ({
        saved: await saveDocuments(uris),
      }),
    );
  }
}

/** Return the kind of a refusal by the server, as docs/protocol.md lists them. */
export function kindOf(error: unknown): string | undefined {
  return error instanceof ResponseError ? error.data?.kind : undefined;
}
