// Following the end of the conversation, until the user looks further up.

/** Places are told to the browser in whole pixels, and to us in fractions of them. */
const ROUNDING = 1;

export class Following {
  private isFollowing = true;
  private place = 0;

  constructor(private readonly root: HTMLElement) {
    root.addEventListener("scroll", () => this.look());
    new ResizeObserver(() => this.keepUp()).observe(root);
  }

  /** Go to the end, and stay there as more comes in. */
  goToEnd(): void {
    this.isFollowing = true;
    this.keepUp();
  }

  /** Show the end of what came in, if the user is there. */
  keepUp(): void {
    if (this.isFollowing) {
      this.root.scrollTop = this.root.scrollHeight;
      this.place = this.root.scrollTop;
    }
  }

  /** What grows moves the end, but not the place: that it is further up than before is
   * the user's doing. Where the end is cannot tell, as it is somewhere else by now. */
  private look(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= ROUNDING;
    this.isFollowing = isAtEnd || (this.isFollowing && scrollTop >= this.place);
    this.place = scrollTop;
  }
}
