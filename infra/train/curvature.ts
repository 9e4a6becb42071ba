import { addTo, type Choice, dot } from "./logit.ts";

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
      const share = (expo[at] ?? 0) / total;
      if (share < least) continue;
      addTo(mean, row, share);
      add(sum, row, weight * share);
    }
    add(sum, mean, -weight);
  }
  return inverse(mirrored(sum));
};
/** Rows chosen less often than this bend the loss by nothing. */
const least = 1e-4;

/** The lower half of a symmetric matrix, and the upper half from it. */
const mirrored = (lower: Float64Array[]): Float64Array[] =>
  lower.map((row, i) => row.map((value, j) => (j > i ? (lower[j]?.[i] ?? 0) : value)));

/** The lower half of `by` times the square of a row, added. */
const add = (sum: Float64Array[], row: Float64Array, by: number): void => {
  for (const [i, target] of sum.entries()) {
    const scaled = by * (row[i] ?? 0);
    if (scaled !== 0) addTo(target, row.subarray(0, i + 1), scaled);
  }
};

/** Gauss and Jordan's elimination of a positive definite matrix. */
const inverse = (matrix: Float64Array[]): Float64Array[] => {
  const left = matrix.map((row) => row.slice());
  const right = matrix.map((_, at) => new Float64Array(matrix.length).map((__, i) => (i === at ? 1 : 0)));
  for (const [at, pivotRow] of left.entries()) {
    const unitRow = right[at] ?? new Float64Array(matrix.length);
    const pivot = pivotRow[at] ?? 0;
    for (const row of [pivotRow, unitRow])
      row.forEach((value, i) => {
        row[i] = value / pivot;
      });
    for (const [other, row] of left.entries()) {
      const factor = row[at] ?? 0;
      if (other === at || factor === 0) continue;
      addTo(row, pivotRow, -factor);
      addTo(right[other] ?? new Float64Array(matrix.length), unitRow, -factor);
    }
  }
  return right;
};
