/** A number that somebody asked for. @throws RangeError unless it is whole, and `least` or more. */
export function checkNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new RangeError(`explore: ${name} is ${value}; accepted are whole numbers from ${least}`);
}
