// The prompt that is being written, and the one that is sent but not yet taken.

export class Draft {
  private sent = "";
  private before: string | undefined;

  /** `keep` keeps a draft where it outlives the page; `kept` is the last one. */
  constructor(
    private readonly box: HTMLTextAreaElement,
    private readonly keep: (draft: string) => void,
    kept: string,
  ) {
    box.value = kept;
    box.addEventListener("input", () => this.keep(this.all()));
  }

  /** Put another text into the box, until it is sent or given up. */
  replace(text: string): void {
    this.before ??= this.box.value;
    this.box.value = text;
  }

  /** Give back what was written before `replace`. */
  restore(): void {
    this.box.value = this.before ?? this.box.value;
    this.before = undefined;
  }

  /** Return the prompt and empty its box, for the next one to be written in. */
  send(): string {
    this.sent = this.box.value;
    this.box.value = "";
    return this.sent.trim();
  }

  get isBlank(): boolean {
    return !this.box.value.trim();
  }

  /** Forget what was sent; what was written meanwhile stays. */
  accepted(): void {
    this.sent = "";
    this.box.value ||= this.before ?? "";
    this.before = undefined;
    this.keep(this.all());
  }

  /** Give back what was sent, before what was written meanwhile. */
  refused(): void {
    this.box.value = this.all();
    this.sent = "";
  }

  private all(): string {
    return [this.sent, this.box.value].filter(Boolean).join("\n");
  }
}
