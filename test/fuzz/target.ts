import fc from "fast-check";
import { BadRequest, UpstreamError } from "../../shared/errors.ts";
import { mustCost } from "../support/cost.ts";

/** A parser or an encoder, the inputs that are tried on it, and what must hold of each. */
export type Target<Input, Done = void> = {
  name: string;
  input: fc.Arbitrary<Input>;
  /** Throws where a promise is broken. A refusal by an agreed error is none. */
  holds: (input: Input) => Done;
};

/** One target, its type of input closed over. */
export type Fuzzed = { name: string; run: (over: Running) => Promise<Finding> };
/** The part of the outcome that tells a failure. */
export type Finding = {
  failed: boolean;
  numRuns: number;
  seed: number;
  counterexamplePath: string | null;
  counterexample: unknown;
  errorInstance: unknown;
};
export type Running = { numRuns: number; seed: number; path?: string };

/** The longest that one input may take, in ms of CPU. */
export const longestMs = 100;

export const target = <Input>({ name, input, holds }: Target<Input>): Fuzzed => ({
  name,
  run: async (over) =>
    fc.check(
      fc.property(input, (value) => {
        const begun = performance.now();
        holds(value);
        // On a busy machine the first time says little.
        if (performance.now() - begun > longestMs) mustCost(longestMs, () => holds(value), "one input");
      }),
      over,
    ),
});

/** The same for what answers later. */
export const laterTarget = <Input>({ name, input, holds }: Target<Input, Promise<void>>): Fuzzed => ({
  name,
  run: (over) => fc.check(fc.asyncProperty(input, holds), over),
});

/** The result of the call; undefined where it refuses by the error that callers expect. */
export const agreed = <T>(call: () => T): T | undefined => {
  try {
    return call();
  } catch (error) {
    if (error instanceof BadRequest || error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const odd = [
  "\u0000",
  "\u2028",
  "\u202e",
  "\ud800",
  "é",
  "😀",
  "\ufeff",
  "\r\n",
  "\n",
  "\t",
  " ",
  "\\",
  '"',
  "'",
  "__proto__",
  "-1",
  "1e400",
];

/** Texts of the grammar's own pieces, among them runs of one piece, in one of the frames, whose hole is `§`. */
export const grammar = (pieces: string[], frames: string[] = ["§"]): fc.Arbitrary<string> => {
  const piece = fc.constantFrom(...pieces, ...odd);
  const mixed = fc.array(piece, { maxLength: 8, size: "max" }).map((parts) => parts.join(""));
  const run = fc
    .tuple(piece, piece, fc.integer({ min: 20, max: 4000 }))
    .map(([one, other, length]) => one.repeat(Math.ceil(length / one.length)) + other);
  const inside = fc.oneof({ weight: 500, arbitrary: mixed }, { weight: 1, arbitrary: run });
  return fc.tuple(fc.constantFrom(...frames), inside).map(([frame, text]) => frame.replace("§", () => text));
};

const values: unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, 2 ** 53, "", "x", "__proto__", "\ud800", "\u0000", "a".repeat(5000)],
  ...[[], {}, [[]], [null], { a: { b: 1 } }, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "not a time"],
];

/** Valid payloads with one or two of their parts replaced by something else, or left out. */
export const payloads = (valid: unknown[]): fc.Arbitrary<unknown> => {
  const known = valid.map((payload) => ({ payload, paths: pathsOf(payload) }));
  const change = fc.tuple(fc.nat(9999), fc.nat(values.length));
  return fc
    .tuple(fc.constantFrom(...known), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([{ payload, paths }, changes]) =>
      changes.reduce(
        (made, [at, value]) => replaced(made, paths[at % paths.length] ?? [], values[value]),
        payload,
      ),
    );
};

type Path = (string | number)[];

const pathsOf = (json: unknown, at: Path = []): Path[] => {
  if (typeof json !== "object" || json === null) return [at];
  const below = Array.isArray(json)
    ? json.map((value, index): [number, unknown] => [index, value])
    : Object.entries(json);
  return [at, ...below.flatMap(([key, value]) => pathsOf(value, [...at, key]))];
};

const replaced = (json: unknown, [key, ...rest]: Path, value: unknown): unknown => {
  if (key === undefined) return value;
  if (typeof json !== "object" || json === null) return json;
  const below = replaced((json as Record<string, unknown>)[key], rest, value);
  // An earlier change may have put another kind of value here.
  if (Array.isArray(json)) return typeof key === "number" && key < json.length ? json.with(key, below) : json;
  return { ...json, [key]: below };
};
