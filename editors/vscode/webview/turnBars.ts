// The bars of all turns that changed something: the last one unfolded, until it is kept
// or the next turn begins.

import type { Change, ChangesOfTurn } from "../src/protocol";
import { ChangesBar } from "./changes";
import type { Surroundings } from "./toolCall";

export class TurnBars {
  private readonly bars = new Map<string, ChangesBar>();

  /** `keep` keeps in mind which turn's changes were kept last; `kept` is that turn. */
  constructor(
    private readonly around: Surroundings,
    private readonly keep: (messageId: string) => void,
    private kept: string | undefined,
  ) {}

  /** Return a bar for the turn that a message ended. */
  add(messageId: string, changes: Change[]): HTMLElement {
    const bar = new ChangesBar(messageId, this.around, () => {
      this.kept = messageId;
      this.keep(messageId);
    });
    bar.show({ changes, refused: [] });
    this.fold();
    bar.element.open = messageId !== this.kept;
    this.bars.set(messageId, bar);
    return bar.element;
  }

  /** Show what is now the case of a turn's changes. */
  show(turn: ChangesOfTurn): void {
    this.bars.get(turn.messageId)?.show(turn);
  }

  fold(): void {
    this.bars.forEach((bar) => (bar.element.open = false));
  }

  forget(): void {
    this.bars.clear();
  }
}
