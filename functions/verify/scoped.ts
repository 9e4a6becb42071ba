import type { Question, RuleText } from "../../shared/incident/model.ts";
import { type Counted, type Scoped, scopeOf } from "../../shared/policy/recovery/scope.ts";
import type { Grid, Labels, Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { knownBy, pinOf } from "../../shared/promql/known-labels.ts";
import { countBy, type Side, sidesOf } from "../../shared/promql/selectors.ts";

type Scope = {
  metrics: Metrics;
  service: Service;
  grid: Grid;
  question?: Question | undefined;
  alert: { labels: Labels };
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
  const labels = knownBy(own, scope.service.verify.labels ?? {}, sides);
  const counts = data.length === 0 ? await countSides(scope, sides, Object.keys(labels)) : [];
  return { scoped: scopeOf(expr, labels, counts), counts };
};

/** The sides of an expression. An alert that it asks for (`ALERTS{alertname="A"}`) has data where the rule of that alert has. */
const readSides = async ({ metrics, service }: Scope, expr: string): Promise<Side[]> => {
  const sides = sidesOf(expr);
  const read = await Promise.all(
    sides.map(async (side) => {
      const name = side.metric === "ALERTS" ? pinOf(side, "alertname") : undefined;
      const rules = name === undefined ? [] : await metrics.rules(service, name);
      return rules.length === 0 ? [side] : rules.flatMap((rule) => sidesOf(rule.expr));
    }),
  );
  const grouped = read.flatMap((some, index) =>
    some.map((side) => ({ ...side, of: `${index} ${side.group}` })),
  );
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
