// Following the end of the conversation, until the user looks further up.

/** Places are told to the browser in whole pixels, and to us in fractions of them. */
const ROUNDING = 1;

export class Following {
  private isFollowing = true;
  private place = 0;

  constructor(private readonly root: HTMLElement) {
    root.addEventListener("scroll", () => this.look());
    root.addEventListener("wheel", (event) => this.turn(event), { passive: true });
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

  /** The wheel says where the user goes before the view has moved; were it drawn to
   * the end until then, it would not move at all. */
  private turn({ deltaY }: WheelEvent): void {
    if (deltaY < 0 && this.root.scrollTop > 0) {
      this.isFollowing = false;
    }
  }

  /** What grows moves the end, but not the place: that it is further up than before is
   * the user's doing. Where the end is cannot tell, as it is somewhere else by now. */
  private look(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= ROUNDING;
    const isFurtherUp = scrollTop < this.place;
    this.isFollowing = isFurtherUp
      ? this.isFollowing && isAtEnd
      : this.isFollowing || isAtEnd;
    this.place = scrollTop;
  }
}
