import { inlined, type Recorded } from "../../promql/inline.ts";
import { lookbackMs } from "../../promql/lookback.ts";
import { maxSelectors, selectors } from "../../promql/selectors.ts";
import { parsed } from "../../promql/tree.ts";

/** The queries of the configuration for one alert. */
type Configured = { exprs?: string[]; data?: string[] };
type Rule = { expr: string; recorded?: Recorded; keepFiringMs?: number };

/** Why an alert with these rules can never be seen to recover, as the end of a sentence about it. Undefined when it can. */
export const unverifiable = (rules: Rule[], { exprs = [], data = [] }: Configured): string | undefined => {
  const asked = exprs.length === 0 ? rules : exprs.map((expr) => ({ expr }));
  if (asked.length === 0) return "Prometheus has no alerting rule of this name; set verify.expr";
  return asked.map((rule) => unjudgeable(rule.expr, data)).find((reason) => reason !== undefined);
};

/** Why nothing can show that an expression is quiet. */
export const unjudgeable = (expr: string, data: string[]): string | undefined => {
  if (data.length > 0) return undefined;
  if (parsed(expr) === undefined)
    return "its expression is not PromQL that can be read (MetricsQL and LogQL are not); set verify.expr and verify.data";
  const count = selectors(expr).length;
  if (count > maxSelectors) return `its expression has more than ${maxSelectors} selectors; set verify.data`;
  if (count > 0) return undefined;
  return "no selector in its expression could show that there is data; set verify.data";
};

/** The time over which a rule must be quiet: an alert that keeps firing is not over before. */
export const holdOf = (rules: Rule[], holdMs: number): number =>
  Math.max(holdMs, ...rules.map(({ keepFiringMs = 0 }) => keepFiringMs));

/** The least time of a verification: until the rules no longer see the time before the fix, and twice the hold time. 0 where the usual time is enough. */
export const waitOf = (rules: Rule[], holdMs: number): number => {
  const lookback = Math.max(
    0,
    ...rules.map(({ expr, recorded }) => lookbackMs(inlined(expr, recorded) ?? expr)),
  );
  const hold = holdOf(rules, holdMs);
  return lookback === 0 && hold === holdMs ? 0 : lookback + 2 * hold;
};
