// What a command says while it runs: the end of it, with an eye on what comes next.

import { element } from "./elements";
import { Following } from "./following";
import { visible } from "../src/visible";

/** So many characters are kept in the page; the model and the history have their own. */
const MOST_CHARACTERS = 100_000;

/** What programs tell a terminal, of colours and of the cursor. */
const COLOURS = /\x1b\[[\d;?]*[A-Za-z]/g;

export class OutputView {
  readonly element = element("pre", "output");
  private readonly following = new Following(this.element);
  private size = 0;

  add(text: string): void {
    const piece = visible(text.replace(COLOURS, "").replace(/\r\n?/g, "\n"));
    this.element.append(piece);
    this.size += piece.length;
    while (this.size > MOST_CHARACTERS && this.element.childNodes.length > 1) {
      this.size -= this.element.firstChild!.textContent!.length;
      this.element.firstChild!.remove();
    }
    this.following.keepUp();
  }
}
