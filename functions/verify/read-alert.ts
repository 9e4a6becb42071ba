import type { System } from "../../shared/brands.ts";
import { messageOf, UpstreamError } from "../../shared/errors.ts";
import type { Question, RuleText } from "../../shared/incident/model.ts";
import { gridOf, judge, type Presence, worst } from "../../shared/policy/recovery/recovery.ts";
import { type Counted, type Scoped, scopeOf } from "../../shared/policy/recovery/scope.ts";
import { unjudgeable, unverifiable } from "../../shared/policy/recovery/verifiable.ts";
import type { Grid, Labels, Metrics, Reading, Series } from "../../shared/ports/metrics.ts";
import { queriesFor, type Service } from "../../shared/ports/service.ts";
import { withFixedPast } from "../../shared/promql/baseline.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { grouped } from "../../shared/promql/grouped.ts";
import { knownBy, pinOf } from "../../shared/promql/known-labels.ts";
import { consistent, isLabelName } from "../../shared/promql/labels.ts";
import { quoted } from "../../shared/promql/quoted.ts";
import { candidates } from "../../shared/promql/rule-choice.ts";
import { countBy, type Side, selectorText, sidesOf } from "../../shared/promql/selectors.ts";
import { comparedValues, trafficQueries } from "../../shared/promql/traffic.ts";
import { countsRequests, hasGoodState, namesTrouble, sibling } from "../../shared/promql/trouble.ts";
import { blindQuantile } from "./blind-quantile.ts";

type Window = { from: number; to: number };
type Asked = {
  alert: { name: string; labels: Labels };
  window: Window;
  /** The rules as they were when the alert joined. Without it they are read now. */
  question?: Question | undefined;
  /** Whether the incident has other alerts: then one `verify.expr` for all does not stand for this alert's rule. */
  isOneOfMany?: boolean;
  /** The time from the alert's start to the fix, in which its series existed. */
  fired?: Window | undefined;
};
type Judging = Asked & { metrics: Metrics; service: Service; grid: Grid };

/** Whether the alert's own expression has been quiet over the window, with data to show it. Never throws. */
export const readAlert = async (metrics: Metrics, service: Service, asked: Asked): Promise<Reading> => {
  const { alert, window } = asked;
  try {
    if (window.to < window.from) return unknown("the window is empty", alert.name);
    const judging = { ...asked, metrics, service, grid: gridOf(window, service.verify.holdMs) };
    const rules = await rulesFor(judging);
    const never = unverifiable(rules, {});
    if (rules.length === 0 && never !== undefined) return unknown(never, alert.name);
    return worst(await Promise.all(rules.map((rule) => readRule(judging, rule))));
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return unknown(messageOf(error), alert.name, error.system);
  }
};

const unknown = (detail: string, name: string, failed?: System): Reading => ({
  ...{ result: "unknown", detail: `${name}: ${detail}` },
  ...(failed && { failed }),
});

const plainRule = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: 60_000 };

/** The configured expression, or the stored rules, or the rules that Prometheus has now. */
const rulesFor = async (judging: Judging): Promise<RuleText[]> => {
  const { service, alert, isOneOfMany } = judging;
  const { expr } = service.verify;
  const own = queriesFor(expr, alert.name);
  if (own.length === 0) return ownRules(judging);
  const configured = own.map((query) => ({ ...plainRule, expr: query }));
  return typeof expr === "string" && isOneOfMany ? [...configured, ...(await ownRules(judging))] : configured;
};

const ownRules = async ({ metrics, service, alert, question }: Judging): Promise<RuleText[]> => {
  if (question !== undefined && question.rules.length > 0) return question.rules;
  return candidates(await metrics.rules(service, alert.name), alert.labels);
};

const readRule = async (judging: Judging, rule: RuleText): Promise<Reading> => {
  const { alert, service } = judging;
  const data = queriesFor(service.verify.data, alert.name);
  const never = unjudgeable(rule.expr, data);
  if (never !== undefined) return unknown(never, alert.name);
  const { scoped, counts } = await scopeRule(judging, rule, data);
  if ("result" in scoped) return named(alert.name, scoped);
  return named(alert.name, await judgeRule(judging, rule, { scoped, data, counts }));
};

type Scope = Pick<Judging, "metrics" | "service" | "grid" | "question"> & { alert: { labels: Labels } };

/** The rule about the alert's own series only; an unknown reading where the data show no such series. */
export const scopeRule = async (
  scope: Scope,
  rule: RuleText,
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

const named = (name: string, reading: Reading): Reading =>
  "detail" in reading && reading.detail !== undefined
    ? { ...reading, detail: `${name}: ${reading.detail}` }
    : reading;

/** The number of series on each side, by the labels that name the alert. */
const countSides = ({ metrics, service, grid }: Scope, sides: Side[], labels: string[]): Promise<Counted[]> =>
  Promise.all(
    sides.map(async (side) => ({
      side,
      series: await metrics.range(service, countBy(side.text, labels), grid),
    })),
  );

type Given = { scoped: Scoped; data: string[]; counts: Counted[] };

const judgeRule = async (judging: Judging, rule: RuleText, given: Given): Promise<Reading> => {
  const { metrics, service, grid, window, fired } = judging;
  const { expr, labels } = given.scoped;
  const ours = ({ labels: carried }: Series) => consistent(carried, labels);
  const read = async (query: string) => (await metrics.range(service, query, grid)).filter(ours);
  const isOwn = given.data.length === 0;
  const open = withoutGates(expr);
  const gated = fired === undefined ? open : withFixedPast(open, { onsetAt: fired.from, now: window.to });
  const [firing, ungated, presences, traffic, values] = await Promise.all([
    read(expr),
    gated === expr ? undefined : read(gated),
    isOwn ? presencesOf(judging, given) : configured(judging, given.data),
    isOwn ? trafficOf(given, read) : [],
    isOwn ? valuesOf(expr, read) : [],
  ]);
  const evidence = { grid, from: window.from, forMs: rule.forMs, firing, data: presences, traffic, values };
  const reading = judge(ungated === undefined ? evidence : { ...evidence, ungated });
  return reading.result === "quiet" ? ((await blindQuantile(judging, expr)) ?? reading) : reading;
};

const configured = ({ metrics, service, grid }: Judging, queries: string[]): Promise<Presence[]> =>
  Promise.all(queries.map(async (name) => ({ name, series: await metrics.range(service, name, grid) })));

/** One presence a group of sides. A side without data whose series name trouble is replaced by its sibling or its target. */
const presencesOf = async (judging: Judging, { scoped, counts }: Given): Promise<Presence[]> => {
  const groups = [...Map.groupBy(counts, ({ side }) => side.group).values()];
  return Promise.all(
    groups.map(async (group) => {
      const name = group.map(({ side }) => side.text).join(" or ");
      const series = group.flatMap((one) =>
        one.series.filter(({ labels }) => scoped.isOurs(one.side, labels)),
      );
      const trouble = group.find(({ side }) => namesTrouble(side))?.side;
      if (trouble === undefined || series.some(({ points }) => points.length >= judging.grid.count))
        return { name, series };
      return { name, series: [...series, ...(await substitutes(judging, trouble, scoped))] };
    }),
  );
};

/**
 * The series that show that nothing is missing where an error's series are: the same metric without the error, or the
 * target that exports it, where there was no such metric while the alert fired either.
 */
const substitutes = async (judging: Judging, side: Side, scoped: Scoped): Promise<Series[]> => {
  const { metrics, service, grid, fired } = judging;
  const { labels } = scoped;
  const beside = sibling(side);
  const text = beside === undefined ? undefined : selectorText(beside);
  // The labels that name the trouble are not those of its sibling.
  const named = new Set(side.matchers.map(({ label }) => label));
  const shared = Object.fromEntries(Object.entries(labels).filter(([name]) => !named.has(name)));
  const read = async (query: string, over: Grid): Promise<Series[]> =>
    (await metrics.range(service, countBy(query, Object.keys(shared)), over)).filter((series) =>
      consistent(series.labels, shared),
    );
  const ours = text === undefined ? [] : await read(text, grid);
  if (ours.length > 0 || fired === undefined) return ours;
  const before = gridBefore(fired);
  if (text !== undefined) {
    const good = `${text} unless ${side.text}`;
    const known = hasGoodState(side) ? await metrics.range(service, good, before) : await read(good, before);
    if (known.length > 0) return [];
  }
  return targetsUp(judging, { side, labels, before });
};

const maxPoints = 60;
/** The time while the alert fired, up to the fix. */
const gridBefore = ({ from, to }: Window): Grid => {
  const stepMs = Math.max(1000, Math.ceil((to - from) / maxPoints));
  const count = Math.max(1, Math.floor((to - from) / stepMs) + 1);
  return { start: to - (count - 1) * stepMs, stepMs, count };
};

/**
 * `up` of the jobs that exported the selector while the alert fired; of a job whose targets carried the alert's labels
 * then, the targets that carry them.
 */
const targetsUp = async (
  { metrics, service, grid }: Judging,
  { side, labels, before }: { side: Side; labels: Labels; before: Grid },
): Promise<Series[]> => {
  const exported = await metrics.range(service, countBy(side.text, ["job"]), before);
  const jobs = [...new Set(exported.flatMap((series) => series.labels.job ?? []))];
  const ups = await Promise.all(
    jobs.map(async (job) => {
      const known = await metrics.range(service, countBy(upOf(job, {}), Object.keys(labels)), before);
      const own = known.find((series) => Object.entries(series.labels).some(isOf(labels)));
      const kept = Object.entries(own?.labels ?? {}).filter(isOf(labels));
      return metrics.range(service, `count(${upOf(job, Object.fromEntries(kept))} == 1)`, grid);
    }),
  );
  return ups.every((series) => series.length > 0) ? ups.flat() : [];
};

const isOf =
  (labels: Labels) =>
  ([name, value]: [string, string]): boolean =>
    labels[name] === value;
const upOf = (job: string, labels: Labels): string => {
  const matchers = Object.entries({ job, ...labels }).filter(([name]) => isLabelName(name));
  return `up{${matchers.map(([name, value]) => `${name}=${quoted(value)}`).join(",")}}`;
};

const valuesOf = (expr: string, read: (query: string) => Promise<Series[]>): Promise<Presence[]> =>
  Promise.all(comparedValues(expr).map(async (name) => ({ name, series: await read(name) })));

/** The denominators and quantiles of the expression, and the requests beside an error counter. */
const trafficOf = async (
  { scoped, counts }: Given,
  read: (query: string) => Promise<Series[]>,
): Promise<Presence[]> => {
  const requests = counts
    .map(({ side }) => side)
    .filter(countsRequests)
    .flatMap((side) => sibling(side) ?? [])
    .flatMap((side) => {
      const text = selectorText(side);
      return text === undefined ? [] : [`sum(rate(${text}[${side.range ?? "5m"}]))`];
    });
  const queries = [...trafficQueries(scoped.expr), ...requests];
  return Promise.all(queries.map(async (name) => ({ name, series: await read(name) })));
};
