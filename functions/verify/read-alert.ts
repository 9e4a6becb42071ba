import { messageOf, UpstreamError } from "../../shared/errors.ts";
import type { Question, RuleText } from "../../shared/incident/recovery.ts";
import { gridOf, judge, type Presence, worst } from "../../shared/policy/recovery/recovery.ts";
import type { Scoped } from "../../shared/policy/recovery/scope.ts";
import { unjudgeable, unverifiable } from "../../shared/policy/recovery/verifiable.ts";
import type { Grid, Labels, Metrics, Reading, Series } from "../../shared/ports/metrics.ts";
import { queriesFor, type Service } from "../../shared/ports/service.ts";
import { withFixedPast } from "../../shared/promql/baseline.ts";
import { withHeldLevels } from "../../shared/promql/edges.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { withHeldGates } from "../../shared/promql/held-gates.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { candidates } from "../../shared/promql/rule-choice.ts";
import { comparedValues } from "../../shared/promql/traffic.ts";
import { blindQuantile } from "./blind-quantile.ts";
import { unlikeItsSeries } from "./own-series.ts";
import { type Given, presencesOf, trafficOf } from "./presence.ts";
import { asRecorded, byRecordings } from "./recordings.ts";
import { recurring } from "./recurring.ts";
import { replicaGone } from "./replica-gone.ts";
import { scopeRule } from "./scoped.ts";
import { shortSlope } from "./short-slope.ts";
import { targetGone } from "./target-gone.ts";
import { worstGone } from "./worst-gone.ts";

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
    const detail = `${alert.name} could not be read (${messageOf(error)})`;
    return { result: "unknown", detail, failed: error.system };
  }
};

const unknown = (detail: string, name: string): Reading => ({
  result: "unknown",
  detail: `${name}: ${detail}`,
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
  return named(alert.name, await readText(judging, rule, data));
};

const readText = async (judging: Judging, rule: RuleText, data: string[]): Promise<Reading> => {
  const { scoped, counts } = await scopeRule(judging, rule, data);
  return "result" in scoped ? scoped : judgeRule(judging, rule, { scoped, data, counts });
};

/** A share is not recorded while the failures that it counts have no series; then the rule is read as it is recorded. */
const readInline = async (judging: Judging, rule: RuleText): Promise<Reading | undefined> => {
  const inline = await asRecorded(judging, rule);
  return inline && readText(judging, inline, []);
};

const named = (name: string, reading: Reading): Reading =>
  "detail" in reading && reading.detail !== undefined
    ? { ...reading, detail: `${name}: ${reading.detail}` }
    : reading;

const judgeRule = async (
  judging: Judging,
  rule: RuleText,
  given: Given & { data: string[] },
): Promise<Reading> => {
  const { grid, window } = judging;
  const { expr } = given.scoped;
  const read = reader(judging, given.scoped);
  const isOwn = given.data.length === 0;
  const [firing, others, data, traffic, values] = await Promise.all([
    read(expr),
    readOthers(judging, { ...rule, expr }, read),
    isOwn ? presencesOf(judging, given) : configured(judging, given.data),
    isOwn ? trafficOf(given, read) : [],
    isOwn ? valuesOf(expr, read) : [],
  ]);
  const evidence = { grid, from: window.from, forMs: rule.forMs, firing, data, traffic, values };
  const judged = judge({ ...evidence, ...others });
  const isMissing = judged.result === "unknown" && judged.verdict === "telemetry_gone";
  if (isMissing && isOwn) return (await readInline(judging, rule)) ?? judged;
  if (judged.result !== "quiet") return judged;
  return worst([judged, ...(await doubtsOf(judging, rule, given))]);
};

type Others = Record<"ungated" | "rebased" | "held", Series[]>;

/** The expression without its gates, beside its past from before the onset, and with its changes as those since then. */
const readOthers = async (
  { fired, window }: Judging,
  { expr, forMs, everyMs }: RuleText,
  read: (query: string) => Promise<Series[]>,
): Promise<Others> => {
  const open = withoutGates(expr);
  const all = (queries: string[]): Promise<Series[]> =>
    Promise.all([...new Set(queries)].filter((one) => one !== expr).map(read)).then((found) => found.flat());
  if (fired === undefined) return { ungated: await all([open]), rebased: [], held: [] };
  const past = withFixedPast(open, { onsetAt: fired.from, now: window.to });
  const levels = withHeldLevels(open, { from: fired.from - forMs - everyMs, to: fired.to });
  const [ungated, rebased, held] = await Promise.all([
    all([open, withHeldGates(expr, fired.from)]),
    all(past === open ? [] : [past]),
    all(levels === open ? [] : [levels]),
  ]);
  return { ungated, rebased, held };
};

/** The readings that speak against a quiet expression. */
const doubtsOf = async (
  judging: Judging,
  rule: RuleText,
  { scoped, counts, data }: Given & { data: string[] },
): Promise<Reading[]> => {
  const isOwn = data.length === 0;
  const doubts = await Promise.all([
    blindQuantile(judging, scoped.expr),
    isOwn && byRecordings(judging, rule),
    isOwn && replicaGone(judging, counts),
    isOwn && targetGone(judging, counts, scoped),
    isOwn && worstGone(judging, scoped),
    shortSlope(judging, scoped),
    recurring(judging, rule, scoped),
    unlikeItsSeries(judging, rule.expr, scoped),
  ]);
  return doubts.flatMap((one) => one || []);
};

/** Reads the alert's own series of a query. */
const reader =
  ({ metrics, service, grid }: Judging, { labels }: Scoped) =>
  async (query: string): Promise<Series[]> =>
    (await metrics.range(service, query, grid)).filter((series) => consistent(series.labels, labels));

const configured = ({ metrics, service, grid }: Judging, queries: string[]): Promise<Presence[]> =>
  Promise.all(queries.map(async (name) => ({ name, series: await metrics.range(service, name, grid) })));

const valuesOf = (expr: string, read: (query: string) => Promise<Series[]>): Promise<Presence[]> =>
  Promise.all(comparedValues(expr).map(async (name) => ({ name, series: await read(name) })));
