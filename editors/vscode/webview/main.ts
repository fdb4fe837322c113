// The page of the chat view: the conversation above, the prompt below.

import type { FromPage, ToPage } from "../src/panel";
import type { LoadedSession, SessionUpdate, Usage } from "../src/protocol";
import { Draft } from "./draft";
import { element } from "./elements";
import { nameFrom } from "./names";
import { onPastedPicture } from "./pasting";
import { Transcript } from "./transcript";
import { TurnBars } from "./turnBars";

/** What outlives the page. */
interface Memory {
  draft: string;
  /** The turn whose changes were kept last. */
  kept?: string;
}

const host = acquireVsCodeApi<Memory>();
const prompt = byId("prompt") as HTMLTextAreaElement;
const stop = byId("stop");
const send = byId("send") as HTMLButtonElement;
const usage = byId("usage");
const problem = byId("problem");
const context = byId("context");
const memory: Memory = { draft: "", ...host.getState() };
const draft = new Draft(prompt, (draft) => remember({ draft }), memory.draft);
const around = {
  tell,
  isIdle: () => document.hasFocus() && draft.isBlank,
  focusPrompt: () => prompt.focus(),
};
const bars = new TurnBars(around, (kept) => remember({ kept }), memory.kept);
const transcript = new Transcript(byId("transcript"), around, bars);

let turn = "";
let nextSeq = 0;

function tell(message: FromPage): void {
  host.postMessage(message);
}

function remember(more: Partial<Memory>): void {
  host.setState(Object.assign(memory, more));
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function showSession(loaded: LoadedSession | undefined): void {
  turn = loaded?.turn?.turnId ?? "";
  nextSeq = loaded?.turn?.nextSeq ?? 0;
  transcript.show(loaded);
  showRunning(loaded?.turn !== undefined);
  showUsage(loaded?.session.usage);
}

function showUpdate({ turnId, seq, update }: SessionUpdate): void {
  if (turnId !== turn) {
    turn = turnId;
    nextSeq = 0;
  }
  if (seq < nextSeq) {
    return; // shown already, with the session
  }
  if (seq > nextSeq) {
    tell({ kind: "ready" });
    return;
  }
  nextSeq += 1;
  transcript.apply(update);
  showRunning(update.kind !== "turnEnded");
  if (update.kind === "usage" || update.kind === "turnEnded") {
    showUsage(update.usage);
  }
}

function showRunning(isRunning: boolean): void {
  stop.hidden = !isRunning;
  send.hidden = isRunning;
  document.body.classList.toggle("running", isRunning);
}

function showUsage(tokens: Usage | undefined): void {
  const { inputTokens = 0, outputTokens = 0 } = tokens ?? {};
  usage.textContent =
    inputTokens + outputTokens > 0
      ? `${inputTokens.toLocaleString()} in · ${outputTokens.toLocaleString()} out`
      : "";
}

function showContext(labels: string[]): void {
  const chips = labels.map((label, index) => {
    const chip = element("button", "secondary chip", `${label} ×`);
    chip.title = "Leave it out";
    chip.addEventListener("click", () => tell({ kind: "detach", index }));
    return chip;
  });
  context.replaceChildren(...chips);
}

function showProblem(message: string): void {
  problem.textContent = message;
  problem.hidden = !message;
}

function submit(): void {
  if (!draft.isBlank && !send.hidden && !send.disabled) {
    send.disabled = true;
    showProblem("");
    tell({ kind: "send", prompt: draft.send() });
  }
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case "session":
      nameFrom(data.folders);
      showSession(data.loaded);
      break;
    case "update":
      showUpdate(data.update);
      break;
    case "questions":
      transcript.ask(data.questions);
      break;
    case "changes":
      transcript.showTurn(data);
      break;
    case "context":
      showContext(data.labels);
      break;
    case "accepted":
      send.disabled = false;
      if (data.turnId !== turn) {
        showRunning(true); // its updates are still to come
      }
      draft.accepted();
      break;
    case "refused":
      send.disabled = false;
      draft.refused();
      showProblem(data.message);
      break;
    case "failed":
      showProblem(data.message);
      break;
    case "focus":
      if (data.on === "prompt" || !transcript.focusQuestion()) {
        prompt.focus();
      }
      break;
  }
});

document.addEventListener("click", ({ target }) => {
  const button = (target as Element).closest<HTMLElement>("button[data-action]");
  const text = button?.closest(".code")?.querySelector("code")?.textContent;
  const action = button?.dataset["action"];
  if (text && (action === "copy" || action === "insert")) {
    tell({ kind: action, text });
  }
});

prompt.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
send.addEventListener("click", submit);
byId("attach").addEventListener("click", () => tell({ kind: "attach" }));
onPastedPicture(prompt, (mediaType, data) => {
  tell({ kind: "attachPicture", mediaType, data });
});
stop.addEventListener("click", () => tell({ kind: "stop" }));

tell({ kind: "ready" });
