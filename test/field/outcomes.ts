import assert from "node:assert/strict";
import { toJson } from "../../functions/pages/json.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { Verdict } from "../../shared/incident/recovery.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { ScalingRule } from "../../shared/policy/scaling.ts";
import type { ActiveAlert } from "../../shared/ports/active-alerts.ts";
import type { Grid, Series } from "../../shared/ports/metrics.ts";
import { asked, fixed, id, minute, pullOf, type Scene, sha } from "../ordinary/life/scene.ts";
import { alert } from "../support/incident.ts";
import { burning, policy, service, type World } from "../support/world.ts";

/** A Prometheus of one rule: `isGone` when it has none any more, `answers` for the queries that return series. */
type Monitor = {
  expr: string;
  isGone?: boolean;
  answers: (query: string) => boolean;
  held?: Partial<ActiveAlert>;
};
const rate = "rate(payments_failing[1m]) > 1";

const full = ({ start, stepMs, count }: Grid): Series => ({
  labels: {},
  points: Array.from({ length: count }, (_, index) => [start + index * stepMs, 1]),
});

const watched = (made: World, expr: string): Monitor => {
  const monitor: Monitor = { expr, answers: () => true };
  const { metrics } = made.work;
  metrics.rules = async () =>
    monitor.isGone
      ? []
      : [{ expr: monitor.expr, labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] }];
  metrics.range = async (_, query, grid) => (monitor.answers(query) ? [full(grid)] : []);
  made.work.activeAlerts = {
    list: async () =>
      monitor.held === undefined
        ? []
        : [{ alert: burning, silencedBy: [], inhibitedBy: [], ...monitor.held }],
  };
  return monitor;
};

type Course = { verdict: Verdict; expr?: string; after: (monitor: Monitor, made: World) => unknown };

/** The course once the revert is live, and the finding that the incident ends with. */
const courses: Course[] = [
  { verdict: "fixed", after: (monitor) => (monitor.answers = (query) => query !== rate) },
  { verdict: "still_firing", after: () => {} },
  { verdict: "telemetry_gone", after: (monitor) => (monitor.answers = () => false) },
  {
    verdict: "no_traffic",
    expr: "failing_ratio / rate(requests[1m]) > 0.5",
    after: (monitor) => (monitor.answers = (query) => query.startsWith("count")),
  },
  {
    verdict: "muted",
    expr: "replicas_missing > 0 and changes(replicas_updated[10m]) == 0",
    after: (monitor) => (monitor.answers = (query) => !query.includes("changes(")),
  },
  { verdict: "rule_changed", after: (monitor) => (monitor.expr = rate.replace("1", "1000")) },
  { verdict: "rule_gone", after: (monitor) => (monitor.isGone = true) },
  { verdict: "silenced", after: (monitor) => (monitor.held = { silencedBy: ["ann: known"] }) },
  { verdict: "inhibited", after: (monitor) => (monitor.held = { inhibitedBy: ["f9"] }) },
  {
    verdict: "fix_not_live",
    after: (monitor, made) => {
      monitor.answers = (query) => query !== rate;
      made.state.now += 1000;
      return made.deploy(sha("b"));
    },
  },
];

const verdictOf = async (made: World, incident: Incident) =>
  toJson(incident, await made.store.log(id)).verdict;

const verdictScenes: Scene[] = courses.map(({ verdict, expr = rate, after }) => ({
  kind: "each finding about recovery is on the closing fact, and only one of them verifies",
  sibling: verdict,
  play: async (made) => {
    const monitor = watched(made, expr);
    await asked(made);
    await fixed(made);
    await after(monitor, made);
    made.state.now += minute;
    await made.settle();
    made.state.now += 10 * minute;
    await made.handle({ type: "Expire", at: made.state.now });
    const incident = await made.settle();
    assert.equal(incident.status === "closed" && incident.outcome === "verified", verdict === "fixed");
    assert.equal(await verdictOf(made, incident), verdict);
    const log = await made.store.log(id);
    const end = log.findLast(({ type }) => type === "IncidentClosed" || type === "IncidentEscalated");
    assert.equal(end !== undefined && "verdict" in end && end.verdict, verdict);
  },
}));

const vanished: Scene = {
  kind: "an alert that resolved as its series vanished leaves the question open, until they are back",
  sibling: "before an answer",
  play: async (made) => {
    const monitor = watched(made, rate);
    await asked(made);
    monitor.answers = () => false;
    made.state.now = 30 * minute;
    await made.alerts([{ ...burning, status: "resolved", endsAt: made.state.now }]);
    const doubted = await made.settle();
    assert.deepEqual(
      [doubted.status, "delay" in doubted && doubted.delay?.verdict, pullOf(made)?.state],
      ["proposed", "telemetry_gone", "open"],
    );
    monitor.answers = (query) => query !== rate;
    made.state.now += 2 * minute;
    const over = await made.settle();
    assert.deepEqual(over.status === "closed" && [over.outcome, over.verdict], ["recovered", "fixed"]);
    assert.equal((await pullOf(made))?.state, "closed");
  },
};

const patient = { ...policy, minConfidence: 0, verifyMs: 10 * minute };
const remedyOf = (incident: Incident) => ("remedy" in incident ? incident.remedy : undefined);

const vain = "a remedy that is live and does not help is put back, asked about, and counted as tried";
/** Live for longer than half of the time to verify; then people approve that it is put back. */
const putBack = async (made: World): Promise<Incident> => {
  made.state.now += 6 * minute;
  await made.settle();
  const back = await made.settle();
  assert.deepEqual([back.status, remedyOf(back)?.kind], ["proposed", "withdraw"]);
  assert.equal("tried" in back && back.tried?.length, 1);
  await made.approve("UANN", "pull" in back && back.pull !== undefined ? back.pull.head : "");
  await made.settle();
  assert.equal((await made.store.log(id)).filter(({ type }) => type === "RemedyMerged").length, 2);
  return back;
};

const withdrawn: Scene = {
  ...{ kind: vain, sibling: "a revert", given: { configured: service({ policy: patient }) } },
  play: async (made) => {
    watched(made, rate);
    await asked(made);
    await fixed(made);
    await putBack(made);
    assert.equal(made.state.proposals.at(-1)?.title, 'Put back "round payments to minor units"');
  },
};

const hpa = (max: number) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {kind: Deployment, name: api}
  maxReplicas: ${max}
`;
const scaling: ScalingRule[] = [
  {
    match: [parseMatcher('alertname="KubeHpaMaxedOut"')].flatMap((one) => one ?? []),
    ...{ target: "HorizontalPodAutoscaler/shop/api", field: "max", ceiling: 80, load: "asked_for" },
  },
];
const maxed = alert({ name: "KubeHpaMaxedOut", startsAt: 10_000, labels: { alertname: "KubeHpaMaxedOut" } });

const scaledBack: Scene = {
  ...{ kind: vain, sibling: "a scale", given: { configured: service({ policy: patient, scaling }) } },
  play: async (made) => {
    watched(made, rate);
    made.state.texts.set("k8s/hpa.yaml", hpa(50));
    made.state.values = new Map([
      ["status_desired_replicas", 50],
      ["spec_max_replicas", 50],
      ["asked_for", 1.5],
      ["replicas_ready", 1],
    ]);
    await asked(made, [maxed]);
    made.state.texts.set("k8s/hpa.yaml", hpa(75));
    made.state.values.set("spec_max_replicas", 75);
    await fixed(made);
    const back = remedyOf(await putBack(made));
    assert.equal(back?.kind === "withdraw" && back.of.kind, "scale");
    assert.match(
      made.state.proposals.map(({ title }) => title).join("\n"),
      /^Scale back api: spec\.maxReplicas from 75 to 50$/m,
    );
  },
};

const recurring: Scene = {
  kind: "a trouble that comes and goes is verified once it is quiet for longer than it was between its firings",
  sibling: "every four minutes",
  play: async (made) => {
    watched(made, rate);
    const { range } = made.work.metrics;
    const fires = (at: number): boolean => at < 9 * minute && at % (4 * minute) < minute / 2;
    made.work.metrics.range = async (service, query, grid) => {
      const series = await range(service, query, grid);
      if (query !== rate) return series;
      return series.map((one) => ({ ...one, points: one.points.filter(([at]) => fires(at)) }));
    };
    await asked(made);
    await fixed(made, 9 * minute);
    made.state.now += minute / 2;
    const open = await made.settle();
    assert.equal(
      "delay" in open && open.delay?.detail,
      "PaymentErrorsHigh: quiet so far; it comes and goes, and was quiet for 4 min between its firings before: looked at again at 00:13:00 UTC",
    );
    made.state.now = 12.5 * minute;
    assert.equal((await made.settle()).status, "deployed");
    made.state.now = 13 * minute;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
};

/** Played by both hosts. */
export const outcomes: Scene[] = [...verdictScenes, vanished, withdrawn, scaledBack, recurring];
