import type { Question, RuleText } from "../../shared/incident/recovery.ts";
import { type Counted, type Scoped, scopeOf } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { knownBy, pinOf } from "../../shared/promql/known-labels.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { countBy, type Side, sidesOf } from "../../shared/promql/selectors.ts";
import { ownValue } from "../../shared/records.ts";
import { gridBefore } from "./presence.ts";

type Scope = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  question?: Question | undefined;
  alert: { labels: Labels };
  fired?: { from: number; to: number } | undefined;
};

/** The rule about the alert's own series only; an unknown reading where the data show no such series. */
export const scopeRule = async (
  scope: Scope,
  rule: Pick<RuleText, "expr" | "labels">,
  data: string[],
): Promise<{ scoped: Scoped | Reading; counts: Counted[] }> => {
  const expr = grouped(rule.expr);
  const sides = await readSides(scope, expr);
  const own = { alert: scope.alert.labels, rule: rule.labels, series: scope.question?.series };
  const known = knownBy(own, scope.service.verify.labels ?? {}, sides);
  const labels = { ...known, ...(await overridden(scope, { ...rule, expr }, known)) };
  const counts = data.length === 0 ? await countSides(scope, sides, Object.keys(labels)) : [];
  return { scoped: scopeOf(expr, labels, counts), counts };
};

/** Labels that a rule sets for people, and that its series do not have. */
const forPeople =
  /^(severity|priority|level|team|owner|page|notify|channel|receiver|tier|runbook.*|dashboard.*|summary|description)$/;

/** The values that the alert's series have for labels that its rule sets anew: those of the series that the expression returned while it fired. */
const overridden = async (
  { metrics, service, fired }: Scope,
  { expr, labels }: Pick<RuleText, "expr" | "labels">,
  known: Labels,
): Promise<Labels> => {
  const names = Object.keys(labels).filter((name) => !forPeople.test(name));
  if (names.length === 0 || fired === undefined) return {};
  const series = await metrics.range(service, expr, gridBefore(fired));
  const ours = series.filter((one) => consistent(one.labels, known));
  const values = names.map(
    (name) => [name, [...new Set(ours.map((one) => ownValue(one.labels, name)))]] as const,
  );
  return Object.fromEntries(
    values.flatMap(([name, [value, ...others]]) =>
      value === undefined || others.length > 0 ? [] : [[name, value]],
    ),
  );
};

/** The sides of an expression. An alert that it asks for (`ALERTS{alertname="A"}`) has data where the rule of that alert has. */
const readSides = async ({ metrics, service }: Scope, expr: string): Promise<Side[]> => {
  const sides = sidesOf(expr);
  const read = await Promise.all(
    sides.map(async (side) => {
      const name = side.metric === "ALERTS" ? pinOf(side, "alertname") : undefined;
      const rules = name === undefined ? [] : await metrics.rules(service, name);
      if (rules.length === 0) return [{ ...side, of: `${side.group}` }];
      const asked = rules.flatMap((rule) => sidesOf(rule.expr));
      return asked.map((one) => ({ ...one, of: `${side.metric} ${name} ${one.group}` }));
    }),
  );
  const grouped = read.flat();
  const groups = [...new Set(grouped.map(({ of }) => of))];
  return grouped.map(({ of, ...side }) => ({ ...side, group: groups.indexOf(of) }));
};

/** The number of series on each side, by the labels that name the alert. */
const countSides = ({ metrics, service, grid }: Scope, sides: Side[], labels: string[]): Promise<Counted[]> =>
  Promise.all(
    sides.map(async (side) => ({
      side,
      series: await metrics.range(service, countBy(side.text, labels), grid),
    })),
  );
