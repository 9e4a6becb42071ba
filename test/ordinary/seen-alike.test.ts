import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { readCase } from "../../functions/diagnose/case.ts";
import { observe } from "../../functions/diagnose/observe.ts";
import { logs as logsOf } from "../../shared/adapters/logs/logs.ts";
import { loki } from "../../shared/adapters/logs/loki.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Configured } from "../../shared/config.ts";
import type { Case, LogLine, Series } from "../../shared/diagnosis/model.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Reviewable } from "../../shared/incident/diagnosis/review.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, incidentId as idOf } from "../../shared/incident/model.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { alert, opened, sha } from "../support/incident.ts";
import { type Held, isOfPods, metricOf as kindsOf, type Telemetry, telemetry } from "../support/telemetry.ts";
import { policy, service, type World, world } from "../support/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const at = Date.UTC(2026, 10, 24, 12);
const onset = at - 6 * minute;
const names = ["checkout", "cart", "pricing"];
const wobble = (time: number): number => 1 + ((time / 30_000) % 7) / 100;
const metricOf: Record<Held["is"], string> = {
  ...{ errors: "error ratio", latency: "latency", traffic: "traffic" },
  ...{ restarts: "restarts", throttled: "cpu throttled ratio", memory: "memory working set" },
};
const usual: Record<Held["is"], number> = {
  ...{ errors: 0.004, latency: 0.08, traffic: 120, restarts: 0, throttled: 0.01, memory: 4e8 },
};
/** How many times its usual value a signal has, so long after the onset. */
type Factor = (service: string, is: Held["is"], of: { version: string; since: number }) => number;
const incidentId = idOf("checkout", "production");

const points = (service: string, is: Held["is"], factor: Factor, version = ""): [number, number][] =>
  Array.from({ length: (3 * hour + 15 * minute) / 30_000 + 1 }, (_, index) => {
    const time = at - 3 * hour + index * 30_000;
    const times = time < onset ? 1 : factor(service, is, { version, since: time - onset });
    return [time, usual[is] * wobble(time) * times];
  });

/** The case of three services with four signals each, by version where they fare; the bad version is cart's. */
const held = (factor: Factor): Held[] =>
  names.flatMap((name) =>
    (Object.keys(usual) as Held["is"][]).flatMap((is): Held[] => {
      const one = {
        service: name,
        metric: metricOf[is],
        is,
        ...(is === "traffic" && { load: true as const }),
      };
      const versions = is === "errors" || is === "latency" ? ["1.0.0", "1.1.0"] : [];
      return [
        { ...one, points: points(name, is, factor) },
        ...versions.map((version) => ({
          ...one,
          versions: { version },
          points: points(name, is, factor, version),
        })),
      ];
    }),
  );

const counted = (of: string) =>
  `sum(rate(http_server_request_duration_seconds_count{service_name="checkout"${of}}[2m]))`;
const rule = `${counted(',http_response_status_code=~"5.."')} / ${counted("")} > 0.05`;
const lines: LogLine[] = names.flatMap((name) =>
  [-50, -30, -10, 1, 2].map((minutes) => ({
    ...{ at: onset + minutes * minute, service: name, level: "error" },
    text: minutes < 0 ? `${name} retried once` : `${name}: basket of the customer has no currency`,
  })),
);

const one = (name: string, over: Partial<Configured> = {}): Configured =>
  service({
    ...{
      name,
      match: [parseMatcher(`service="${name}"`)!],
      repository: `acme/${name}`,
      versionLabel: "version",
    },
    ...{ logs: { loki: `{app="${name}"}` }, policy: { ...policy, minConfidence: 0.5 } },
    ...over,
  });

type Over = { configured?: Partial<Configured> };

/** The shop of three services, each deployed within minutes, with the real adapters of Prometheus and Loki. */
const shop = async (t: TestContext, told: Telemetry, { configured = {} }: Over = {}) => {
  const { url, asked } = await telemetry(t, told);
  const made = world({
    configured: one("checkout", { dependsOn: ["cart", "pricing"], ...configured }),
    others: [one("cart", configured), one("pricing", configured)],
  });
  made.state.now = at;
  const commits = names.map((name, index) => ({
    ...{ sha: sha("abc"[index]!), parents: [sha("0")], title: `${name}: release 1.1.0`, message: "" },
    ...{ author: "Ann", at: onset - (30 + index) * minute, url: "", paths: [`services/${name}/main.go`] },
  }));
  made.state.commits = commits;
  made.work.history.commits = async ({ repository }) =>
    commits.filter(({ title }) => repository === `acme/${title.split(":")[0]}`);
  for (const [index, name] of names.entries())
    for (const [version, ago] of [
      ["1.0.0", 3 * 24 * hour],
      ["1.1.0", 3 * minute + index * 1000],
    ] as const)
      await made.store.recordDeploy({
        ...{ service: name, environment: "production", status: "succeeded", at: onset - ago, version },
        sha: version === "1.1.0" ? sha("abc"[index]!) : sha("0"),
      });
  Object.assign(made.work, { metrics: prometheus({ url }), logs: logsOf({ loki: loki({ url }) }) });
  return { made, asked };
};

const alerting = (startsAt: number) =>
  alert({ name: "CheckoutErrors", labels: { service: "checkout" }, startsAt });

/** The case that production reads as the incident is diagnosed. */
const production = async (t: TestContext, held: Telemetry, over?: Over) => {
  const { made, asked } = await shop(t, held, over);
  const startsAt = at - minute;
  const told = opened({ alerts: [alerting(startsAt)], onsetAt: startsAt, at: startsAt });
  const { given } = await readCase(made.work, evolve(emptyIncident(incidentId), told) as Reviewable);
  return { given, asked, made };
};

const keyOf = ({ service, metric, alert: name = "", versions = {} }: Series): string =>
  [service, metric, name, JSON.stringify(versions)].join("|");
const inOrder = (series: Series[]): Series[] => series.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
const upTo = (series: Held[], until: number): Series[] =>
  series.map(({ is: _, ...rest }) => ({ ...rest, points: rest.points.filter(([time]) => time <= until) }));

/** The new version of cart fails, and checkout, which calls it, as well. */
const guilty: Factor = (name, is, { version }) => {
  if (is !== "errors" || name === "pricing" || version === "1.0.0") return 1;
  return name === "cart" ? 40 : version === "" ? 20 : 1;
};
/** The same, while the counters of cart come four minutes late. */
const late: Factor = (name, is, of) => (name === "cart" && of.since < 4 * minute ? 1 : guilty(name, is, of));

test("production fetches the same evidence that the cases hold: four signals of each service in reach, their versions, lines and deploys", async (t) => {
  const series = held(guilty);
  const { given } = await production(t, { series, logs: lines, rules: { CheckoutErrors: rule } });
  const own = (given.series ?? []).filter(({ alert: name }) => name === undefined);
  const upToNow = upTo(series, at).map((one) => ({
    ...one,
    points: one.points.filter(([time]) => time >= at - minute - 3 * hour),
  }));
  assert.deepEqual(inOrder(own).map(keyOf), inOrder(upToNow).map(keyOf));
  // The difference of thousands of points would take half a minute to print.
  assert.ok(isDeepStrictEqual(inOrder(own), inOrder(upToNow)), "the points differ");
  assert.deepEqual(
    (given.logs ?? []).map(({ service: name, text }) => `${name} ${text}`).toSorted(),
    lines.map(({ service: name, text }) => `${name} ${text}`).toSorted(),
  );
  assert.deepEqual(
    [given.deploys, ...(given.elsewhere ?? []).map(({ deploys }) => deploys)]
      .flat()
      .map((deploy) => deploy.service),
    ["checkout", "checkout", "cart", "cart", "pricing", "pricing"],
  );
});

const first = (given: Case) => rank(given).suspects[0]!.title;

test("the neighbours' signals tell cart's bad version from the deploys beside it, which the alert's own expression does not", async (t) => {
  const told = { series: held(guilty), rules: { CheckoutErrors: rule } };
  const { given, asked } = await production(t, told);
  assert.equal(first(given), "cart: release 1.1.0");
  assert.deepEqual(
    given.unread?.filter((note) => note.includes("looked at")),
    [
      "also looked at: errors, latency, traffic, saturation of checkout (OpenTelemetry HTTP, kube-state-metrics, cAdvisor); errors, latency, traffic, saturation of cart (the alert's expression, OpenTelemetry HTTP, kube-state-metrics, cAdvisor); errors, latency, traffic, saturation of pricing (the alert's expression, OpenTelemetry HTTP, kube-state-metrics, cAdvisor)",
    ],
  );
  const alone = await production(t, told, { configured: { signals: "off" } });
  assert.equal(first(alone.given), "checkout: release 1.1.0");
  assert.deepEqual([alone.given.unread, asked.length - alone.asked.length], [[], 3 * (1 + 8)]);
});

test("the second look fetches again with ten minutes more: versions and services are compared anew, and the verdict turns to the culprit", async (t) => {
  const { made } = await shop(
    t,
    { series: held(late), rules: { CheckoutErrors: rule } },
    {
      configured: {
        policy: { ...policy, minConfidence: 0.3, lookAgainMs: [10 * minute], approvalMs: 2 * hour },
      },
    },
  );
  const look = async (now: number) => {
    made.state.now = now;
    await made.settle(incidentId);
    const { incident } = await made.store.load(incidentId);
    return "diagnosis" in incident ? incident.diagnosis?.suspects[0] : undefined;
  };
  const soon = onset + 2 * minute;
  const alerts = [alerting(soon)];
  await made.process.handle(incidentId, { type: "RecordAlerts", at: soon, alerts, truncated: false });
  assert.equal((await look(soon))?.title, "checkout: release 1.1.0");
  const later = await look(soon + 10 * minute);
  assert.equal(later?.title, "cart: release 1.1.0");
  assert.equal(later?.reasons[0], "error ratio of version 1.1.0 16 %, of version 1.0.0 beside it 0.41 %");
});

const many = Array.from({ length: 200 }, (_, index) => `s${index}`);
const allOf = (name: string) =>
  Object.entries(kindsOf).map(([is, metric]) => ({
    __name__: metric,
    ...(!isOfPods({ is }) && { service_name: name }),
  }));
const nameIn = (query: string): string => /service_name=~"([^"]+)"/.exec(query)?.[1] ?? "";

/** A service that depends on 200 others, of which Prometheus has everything: the notes, and the calls that were made. */
const crowded = async (over: (made: World) => Partial<Metrics>) => {
  const made = world({
    configured: service({ name: "checkout", dependsOn: many, versionLabel: "version" }),
    others: many.map((name) => service({ name })),
  });
  made.state.now = at;
  const calls = { labels: 0, range: 0 };
  const metrics: Metrics = {
    ...made.work.metrics,
    labels: async (_, query) => ({ labels: allOf(nameIn(query)) }),
    range: async () => [{ labels: { version: "1" }, points: [[at, 1]] }],
    ...over(made),
  };
  made.work.metrics = {
    ...metrics,
    labels: (...given) => {
      calls.labels += 1;
      return metrics.labels(...given);
    },
    range: (...given) => {
      calls.range += 1;
      return metrics.range(...given);
    },
  };
  const alerts = [alerting(at - minute)];
  const incident = { service: "checkout", environment: "production", onsetAt: at - minute, alerts };
  return { ...(await observe(made.work, incident)), calls };
};
const blind = "neither errors nor latency of s0, s1, s2, s3 and s4 could be read";

test("200 services, and an endpoint that is slow, huge or lies: the questions are bounded, and the notes say what was not looked at", async () => {
  const usual = await crowded(() => ({}));
  assert.deepEqual(usual.calls, { labels: 6, range: 8 + 5 * 6 });
  assert.deepEqual([usual.series.length, usual.unread.length], [8 + 5 * 6, 1]);

  const slow = await crowded(({ state }) => ({
    labels: async () => {
      state.now += 11_000;
      return { labels: allOf("s0") };
    },
  }));
  assert.deepEqual(slow.calls.range, 0);
  assert.deepEqual(slow.unread, [
    "the signals of checkout, s0, s1, s2, s3, s4 were not read (Prometheus answers too late)",
    blind,
  ]);
  const stuck = await crowded(({ state }) => ({
    course: async () => {
      state.now += 11_000;
      return { forMs: 0, series: [], unread: "timeout" };
    },
  }));
  assert.deepEqual(stuck.calls, { labels: 0, range: 0 });
  assert.deepEqual(stuck.unread, [
    "timeout",
    "Prometheus answers too late: the signals of services were not asked for",
  ]);

  const down = await crowded(() => ({ labels: async () => ({ unread: "HTTP 502" }) }));
  assert.deepEqual(down.unread, [
    "the signals of checkout, s0, s1, s2, s3, s4 were not read (HTTP 502)",
    blind,
  ]);

  const lies = Array.from({ length: 50_000 }, (_, index) => ({ __name__: `m${index}`, service_name: "s0" }));
  const huge = await crowded(() => ({ labels: async () => ({ labels: lies }) }));
  assert.deepEqual([huge.calls.range, huge.unread], [0, [blind]]);
  const refusing = await crowded(() => ({
    range: async () => {
      throw new UpstreamError("prometheus", "query_range: more than 5 MB", { retryable: true });
    },
  }));
  assert.ok(
    refusing.unread.includes("the error ratio of s0 could not be read (query_range: more than 5 MB)"),
  );
  assert.ok(refusing.unread.includes(blind));
});
