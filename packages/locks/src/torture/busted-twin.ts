/** Turns a torture into one that must fail. */
export interface BustedTwin {
  readonly name: string;
  /** What is wrong with it: its description. */
  readonly wrong: string;
  readonly mustFail: RegExp;
}
