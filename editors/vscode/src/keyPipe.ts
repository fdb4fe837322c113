// The language client, with a pipe of their own for the user's keys. A message to the
// server stands in a trace of the protocol; what goes by the pipe stands nowhere.

import { homedir } from "node:os";
import type { Writable } from "node:stream";
import {
  LanguageClient,
  type ExecutableOptions,
  type LanguageClientOptions,
  type MessageTransports,
} from "vscode-languageclient/node";
import type { Keys } from "./keys";

/** The server's descriptor of the pipe, after its standard streams. */
const KEYS_FD = 3;

export class KeyedLanguageClient extends LanguageClient {
  constructor(
    command: string,
    private readonly keys: Keys,
    options: LanguageClientOptions,
  ) {
    const spawning = {
      cwd: homedir(), // not the workspace, which may be somebody else's
      stdio: Array(KEYS_FD + 1).fill("pipe"), // goes on to Node, though no type says so
    };
    const server = {
      command,
      args: ["--keys-fd", String(KEYS_FD)],
      options: spawning as ExecutableOptions,
    };
    super("abstractllm", "AbstractLLM", server, options);
  }

  /** Send all keys as they are now; they take the place of those before. */
  async sendKeys(): Promise<void> {
    const line = JSON.stringify(await this.keys.all());
    this.pipe?.write(`${line}\n`);
  }

  /** Each server is sent the keys before anything else, a restarted one as well. */
  protected override async createMessageTransports(
    encoding: string,
  ): Promise<MessageTransports> {
    const transports = await super.createMessageTransports(encoding);
    // A pipe breaks if the server has ended, which is noticed and told elsewhere.
    this.pipe?.on("error", () => {});
    await this.sendKeys();
    return transports;
  }

  private get pipe(): Writable | undefined {
    return this.serverProcess?.stdio[KEYS_FD] as Writable | undefined;
  }
}
