// How often something that grows is shown.

/** Between two looks is a rest, this many times as long as the last look took, so that
 * the view stays responsive whatever comes in. */
const REST = 4;

export class Pace {
  private isWanted = false;
  private isBusy = false;

  constructor(private readonly show: () => void) {}

  /** Show what came in, soon; what comes until then is shown along with it. */
  want(): void {
    this.isWanted = true;
    if (!this.isBusy) {
      this.isBusy = true;
      requestAnimationFrame(() => this.showAndRest());
    }
  }

  private showAndRest(): void {
    this.isWanted = false;
    const start = performance.now();
    this.show();
    setTimeout(() => this.goOn(), (performance.now() - start) * REST);
  }

  private goOn(): void {
    this.isBusy = false;
    if (this.isWanted) {
      this.want();
    }
  }
}
