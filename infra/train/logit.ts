/** One choice: rows of features, the place of the row chosen, and how much it counts. */
export type Choice = { rows: Float64Array[]; chosen: number; weight: number };

/** Negative log-likelihood of the conditional logit with L2, and its gradient. */
const loss = (
  choices: Choice[],
  beta: Float64Array,
  l2: number,
): { value: number; gradient: Float64Array } => {
  const gradient = Float64Array.from(beta, (b) => l2 * b);
  let value = 0.5 * l2 * beta.reduce((sum, b) => sum + b * b, 0);
  for (const { rows, chosen, weight } of choices) {
    const logits = rows.map((row) => dot(row, beta));
    const top = Math.max(...logits);
    const expo = logits.map((logit) => Math.exp(logit - top));
    const total = expo.reduce((a, b) => a + b, 0);
    value += weight * (Math.log(total) + top - (logits[chosen] ?? 0));
    for (const [r, row] of rows.entries()) {
      const pull = weight * ((expo[r] ?? 0) / total - (r === chosen ? 1 : 0));
      if (Math.abs(pull) > 1e-9) addTo(gradient, row, pull);
    }
  }
  return { value, gradient };
};

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};

/** Adds `by` times `row` to `target`, in place. */
export const addTo = (target: Float64Array, row: Float64Array, by: number): void => {
  for (let i = 0; i < row.length; i++) target[i] = (target[i] ?? 0) + by * (row[i] ?? 0);
};

const plus = (a: Float64Array, b: Float64Array, by: number): Float64Array<ArrayBuffer> =>
  a.map((value, i) => value + by * (b[i] ?? 0));

const maxSteps = 120;

/**
 * Limited-memory BFGS (Nocedal and Wright, algorithm 7.4) with backtracking, from zero: no chance in it, the same data give the same
 * weights. `shape` is the inverse of the curvature of a similar problem: it shortens the way, and leaves the end where it is.
 */
export const fitLogit = (
  choices: Choice[],
  { size, l2, shape }: { size: number; l2: number; shape?: Float64Array[] },
): Float64Array => {
  let beta = new Float64Array(size);
  let now = loss(choices, beta, l2);
  const past: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let step = 0; step < maxSteps; step++) {
    const direction = newton(now.gradient, past, shape);
    const slope = dot(direction, now.gradient);
    let rate = past.length === 0 && shape === undefined ? 1 / Math.sqrt(dot(now.gradient, now.gradient)) : 1;
    let next = loss(choices, plus(beta, direction, rate), l2);
    while (next.value > now.value + 1e-4 * rate * slope && rate > 1e-8) {
      rate /= 2;
      next = loss(choices, plus(beta, direction, rate), l2);
    }
    const s = direction.map((d) => rate * d);
    const y = plus(next.gradient, now.gradient, -1);
    const done = now.value - next.value < 1e-6 * Math.abs(now.value);
    beta = plus(beta, s, 1);
    now = next;
    if (done) break;
    const curvature = dot(s, y);
    if (curvature > 1e-12) past.push({ s, y, rho: 1 / curvature });
    if (past.length > 10) past.shift();
  }
  return beta;
};

const newton = (
  gradient: Float64Array,
  past: { s: Float64Array; y: Float64Array; rho: number }[],
  shape: Float64Array[] | undefined,
): Float64Array => {
  let q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of past.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    q = plus(q, y, -alpha);
  }
  const last = past.at(-1);
  if (shape !== undefined) q = Float64Array.from(shape, (row) => dot(row, q));
  else if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    q = q.map((v) => v * scale);
  }
  for (const { s, y, rho } of past) {
    const beta = rho * dot(y, q);
    const alpha = alphas.pop() ?? 0;
    q = plus(q, s, alpha - beta);
  }
  return q;
};
