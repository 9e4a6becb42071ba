import { type Choice, dot } from "./logit.ts";

/** The inverse of the second derivative of the conditional logit's loss with L2, at `beta`. */
export const inverseCurvature = (choices: Choice[], beta: Float64Array, l2: number): Float64Array[] => {
  const size = beta.length;
  const sum = Array.from({ length: size }, (_, at) =>
    new Float64Array(size).fill(0).map((__, i) => (i === at ? l2 : 0)),
  );
  for (const { rows, weight } of choices) {
    const logits = rows.map((row) => dot(row, beta));
    const top = Math.max(...logits);
    const expo = logits.map((logit) => Math.exp(logit - top));
    const total = expo.reduce((a, b) => a + b, 0);
    const mean = new Float64Array(size);
    for (const [at, row] of rows.entries()) {
      const share = expo[at]! / total;
      if (share < least) continue;
      row.forEach((value, i) => {
        mean[i]! += share * value;
      });
      add(sum, row, weight * share);
    }
    add(sum, mean, -weight);
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) sum[j]![i] = sum[i]![j]!;
  return inverse(sum);
};
/** Rows chosen less often than this bend the loss by nothing. */
const least = 1e-4;

/** The lower half of `by` times the square of a row, added. */
const add = (sum: Float64Array[], row: Float64Array, by: number): void => {
  for (let i = 0; i < row.length; i++) {
    const scaled = by * row[i]!;
    const target = sum[i]!;
    if (scaled !== 0) for (let j = 0; j <= i; j++) target[j]! += scaled * row[j]!;
  }
};

/** Gauss and Jordan's elimination of a positive definite matrix. */
const inverse = (matrix: Float64Array[]): Float64Array[] => {
  const left = matrix.map((row) => row.slice());
  const right = matrix.map((_, at) => new Float64Array(matrix.length).map((__, i) => (i === at ? 1 : 0)));
  for (const [at, pivotRow] of left.entries()) {
    const pivot = pivotRow[at]!;
    for (const half of [left, right])
      half[at]!.forEach((value, i, row) => {
        row[i] = value / pivot;
      });
    for (const [other, row] of left.entries()) {
      const factor = row[at]!;
      if (other === at || factor === 0) continue;
      for (const half of [left, right])
        half[other]!.forEach((value, i, target) => {
          target[i] = value - factor * half[at]![i]!;
        });
    }
  }
  return right;
};
