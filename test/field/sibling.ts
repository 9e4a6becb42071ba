import { reached, sample } from "./played-shapes.ts";
import type { Kind } from "./verify-kinds.ts";

/** The lines before and after the fix are written as in the shapes; `%` stands for the job. */
export type Sibling = {
  expr: string;
  bad: string[];
  after: string[];
  expected: "verified" | "telemetry_gone" | "no_traffic" | "muted" | "firing";
  /** A rule whose alert the expression asks for. */
  base?: string;
  /** The labels that the rule sets. */
  labels?: Record<string, string>;
  /** Recording rules, by metric. */
  records?: Record<string, string>;
};

export const replaced = (bad: string, after: string): Pick<Sibling, "bad" | "after"> => ({
  ...{ bad: [bad], after: [after] },
});
const own = (name: string, expr: string): string => expr.replaceAll("%", `job="${name}"`);

/** The rule and the world of each. */
export const siblingKinds = (
  siblings: Record<string, Sibling>,
): Record<string, Kind & Pick<Sibling, "expected">> =>
  Object.fromEntries(
    Object.entries(siblings).map(
      ([name, { expr, base, labels = {}, records = {}, bad, after, expected }]) => [
        name,
        {
          rules: [
            ...Object.entries(records).map(([record, text]) => ({ record, expr: own(name, text) })),
            ...(base === undefined ? [] : [{ alert: `${name}base`, expr: own(name, base) }]),
            { alert: name, expr: own(name, expr), for: "1s", labels },
          ],
          world: (phase, seconds, since) => {
            if (phase === "bad") return bad.map((line) => sample(line, { seconds, before: 0 })).join("");
            const before = (line: string): number => reached(line, bad, seconds - since);
            return after.map((line) => sample(line, { seconds: since, before: before(line) })).join("");
          },
          expected,
        },
      ],
    ),
  );
