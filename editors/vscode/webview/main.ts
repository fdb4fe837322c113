// The page of the chat view: the conversation above, the prompt below.

import type { FromPage, ToPage } from "../src/panel";
import type {
  LoadedSession,
  Message,
  SessionInfo,
  SessionUpdate,
} from "../src/protocol";
import { Draft } from "./draft";
import { element } from "./elements";
import { breakdown, meter } from "./meter";
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
const editing = byId("editing");
const problem = byId("problem");
const context = byId("context");
const memory: Memory = { draft: "", ...host.getState() };
const draft = new Draft(prompt, (draft) => remember({ draft }), memory.draft);
const around = {
  tell,
  edit,
  isIdle: () => document.hasFocus() && draft.isBlank,
  focusPrompt: () => prompt.focus(),
};
const bars = new TurnBars(around, (kept) => remember({ kept }), memory.kept);
const transcript = new Transcript(byId("transcript"), around, bars);

let turn = "";
let nextSeq = 0;
/** The prompt that the next one takes the place of. */
let edited: Message | undefined;

function tell(message: FromPage): void {
  if (message.kind === "regenerate") {
    transcript.branchAt(message.messageId);
  }
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
  leaveEdit();
  showRunning(loaded?.turn !== undefined);
  showMeter(loaded?.session);
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
}

function showRunning(isRunning: boolean): void {
  stop.hidden = !isRunning;
  send.hidden = isRunning;
  document.body.classList.toggle("running", isRunning);
}

function showMeter(session: SessionInfo | undefined): void {
  usage.textContent = meter(session);
  usage.title = breakdown(session);
}

/** Have the user write a prompt that takes the place of an earlier one. */
function edit(message: Message): void {
  edited = message;
  draft.replace(textOf(message));
  editing.hidden = false;
  prompt.focus();
}

function leaveEdit(): void {
  if (edited) {
    edited = undefined;
    editing.hidden = true;
    draft.restore();
  }
}

function textOf({ parts }: Message): string {
  return parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
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
    const place = edited && { parentId: edited.parentId };
    if (edited) {
      transcript.branchAt(edited.id);
    }
    tell({ kind: "send", prompt: draft.send(), ...place });
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
      showMeter(data.session);
      break;
    case "reveal":
      transcript.reveal(data.messageId);
      break;
    case "accepted":
      send.disabled = false;
      if (data.turnId !== turn) {
        showRunning(true); // its updates are still to come
      }
      edited = undefined;
      editing.hidden = true;
      draft.accepted();
      break;
    case "refused":
      send.disabled = false;
      draft.refused();
      transcript.stay();
      showProblem(data.message);
      break;
    case "failed":
      transcript.stay();
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
  if (event.key === "Escape") {
    leaveEdit();
  }
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
byId("leave-edit").addEventListener("click", leaveEdit);
stop.addEventListener("click", () => tell({ kind: "stop" }));

tell({ kind: "ready" });
