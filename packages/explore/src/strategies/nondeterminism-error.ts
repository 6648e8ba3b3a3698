/** The same choices led elsewhere: something that the explorer does not control decides too. */
export class NondeterminismError extends Error {
  override readonly name: string = 'NondeterminismError';
  readonly step: number;

  constructor(step: number) {
    super(
      `step ${step} of a repeated schedule is another one than before: the programs depend on something beside shared memory ` +
        'and the explorer’s choices (the time of day, random numbers, state that outlives a run)',
    );
    this.step = step;
  }
}
