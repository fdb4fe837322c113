// The buttons of a call that waits for the user, and the keys that press them.

import type { FromPage } from "../src/panel";
import type { Question, Verdict } from "../src/protocol";
import type { DiffView } from "./diff";
import { button, element } from "./elements";

interface Choice {
  verdict: Verdict;
  label: string;
  /** As it is shown, and as the browser names it. */
  key: [string, string];
  hint: string;
}

const ALLOWING: Choice[] = [
  {
    verdict: "once",
    label: "Allow once",
    key: ["⏎", "Enter"],
    hint: "This call, and no other",
  },
  {
    verdict: "session",
    label: "Allow for this session",
    key: ["2", "2"],
    hint: "This one, and others like it in this chat",
  },
  {
    verdict: "always",
    label: "Always",
    key: ["3", "3"],
    hint: "This one, and others like it in this workspace: see “Manage Approvals…”",
  },
];

const REJECTING: Choice = {
  verdict: "reject",
  label: "Reject",
  key: ["Esc", "Escape"],
  hint: "The model goes on without it, and reads the reason",
};

const CHOICES = [...ALLOWING, REJECTING];

const QUESTIONS = {
  edit: "Make this change?",
  run: "Run this command?",
  read: "Allow this?",
  other: "Allow this?",
};

export class ApprovalForm {
  readonly element = element("form", "approval");
  private readonly buttons = new Map<Verdict, HTMLButtonElement>();
  private readonly reason = element("input", "reason");

  constructor(
    private readonly question: Question,
    private readonly diff: DiffView | undefined,
    private readonly tell: (message: FromPage) => void,
  ) {
    this.element.tabIndex = -1;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", `${question.title}: waits for your answer`);
    this.reason.placeholder = "Why not? Just type it.";
    this.reason.setAttribute("aria-label", "Reason to reject");
    const asking = [element("span", "", QUESTIONS[question.kind])];
    this.element.append(
      row("question", diff ? [...asking, this.opener()] : asking),
      row(
        "choices",
        ALLOWING.map((choice) => this.choice(choice)),
      ),
      row("refusal", [this.reason, this.choice(REJECTING)]),
    );
    this.element.addEventListener("submit", (event) => event.preventDefault());
    diff?.beginChoice(() => this.showChoice(diff));
  }

  /** The call waits no longer. */
  end(): void {
    this.diff?.endChoice();
    this.element.remove();
  }

  /** Take a key that was pressed in the card of the call. */
  press(event: KeyboardEvent): void {
    const isChord = event.ctrlKey || event.metaKey || event.altKey;
    if (isChord || event.repeat || event.isComposing) {
      return;
    }
    const isTaken =
      event.target === this.reason
        ? this.pressInReason(event.key)
        : this.pressElsewhere(event.key, event.target as Element);
    if (isTaken) {
      event.preventDefault();
    }
  }

  private pressInReason(key: string): boolean {
    if (key === "Enter") {
      this.decide("reject");
    } else if (key === "Escape") {
      this.element.focus();
    }
    return key === "Enter" || key === "Escape";
  }

  private pressElsewhere(key: string, target: Element): boolean {
    if (key === "Enter" && target.matches("button, summary")) {
      return false; // it is that one's
    }
    const choice = CHOICES.find(({ key: [, name] }) => name === key);
    if (choice) {
      this.buttons.get(choice.verdict)!.click();
    } else if (key.length === 1 && key !== " ") {
      this.reason.focus(); // who begins to type says why not: the letter goes there
    }
    return choice !== undefined;
  }

  private decide(decision: Verdict): void {
    const { callId } = this.question;
    const reason = this.reason.value.trim();
    const hunks = this.diff?.chosen;
    const part = decision !== "reject" && hunks ? { hunks } : {};
    const said = reason ? { reason } : {};
    this.tell({ kind: "answer", callId, decision: { decision, ...part, ...said } });
  }

  /** Say how much of the change is allowed, and let nobody allow nothing. */
  private showChoice({ chosen, size }: DiffView): void {
    const [once] = ALLOWING;
    const part = chosen ? `Allow ${chosen.length} of ${size} changes` : once!.label;
    this.buttons.get("once")!.firstChild!.textContent = part;
    for (const { verdict } of ALLOWING) {
      this.buttons.get(verdict)!.disabled = chosen?.length === 0;
    }
  }

  private choice({
    verdict,
    label,
    key: [shown, name],
    hint,
  }: Choice): HTMLButtonElement {
    const className = verdict === "once" ? "choice" : "choice secondary";
    const made = button(className, label, () => this.decide(verdict));
    made.title = hint;
    made.setAttribute("aria-keyshortcuts", name);
    const key = element("kbd", "", shown);
    key.setAttribute("aria-hidden", "true");
    made.append(key);
    this.buttons.set(verdict, made);
    return made;
  }

  private opener(): HTMLButtonElement {
    const { callId, title } = this.question;
    return button("secondary", "Open diff", () => {
      this.tell({ kind: "showCall", callId, title });
    });
  }
}

function row(className: string, children: HTMLElement[]): HTMLElement {
  const made = element("div", className);
  made.append(...children);
  return made;
}
