/** The middle of the numbers, or the upper one of the two in the middle. */
export const median = (numbers: number[]): number => quantile(numbers, 0.5);

export const quantile = (numbers: number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? Number.NaN;
