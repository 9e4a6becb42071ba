import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readForm } from "../../infra/train/case-format.ts";
import { failureModeLinks } from "../../shared/diagnosis/evidence/failure-modes.ts";
import { logLinks } from "../../shared/diagnosis/evidence/log-links.ts";
import { metricLinks } from "../../shared/diagnosis/evidence/metric-links.ts";
import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case, Series } from "../../shared/diagnosis/model.ts";
import { changePoint, isLoad } from "../../shared/diagnosis/onset/change-point.ts";
import { externalCause, outsideEvent } from "../../shared/diagnosis/onset/external-causes.ts";
import { frequentErrors, newPatterns } from "../../shared/diagnosis/onset/log-patterns.ts";
import { trendChange } from "../../shared/diagnosis/onset/trend-change.ts";
import { changedLines } from "../../shared/diagnosis/ranking/changed-lines.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { LogLine } from "../../shared/ports/logs.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { alert, sha } from "../support/incident.ts";

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 23, 12);

const line = (minutes: number, text: string, over: Partial<LogLine> = {}): LogLine => ({
  ...{ at: now + minutes * minute, service: "shop", level: "error", text },
  ...over,
});
const commit = (letter: string, over: Partial<Commit> = {}): Commit => ({
  ...{ sha: sha(letter), parents: [], title: `change ${letter}`, message: `change ${letter}` },
  ...{ author: "", at: now - 2 * hour, url: "", paths: [`src/${letter}.ts`] },
  ...over,
});
const deploy = (letter: string, minutes: number): DeployRecord => ({
  ...{ service: "shop", environment: "", sha: sha(letter), status: "succeeded" },
  at: now + minutes * minute,
});
const given = (over: Partial<Case>): Case => ({
  ...{ service: "shop", alerts: [alert({ name: "", labels: {}, annotations: {}, startsAt: now })] },
  ...{ onsetAt: now, commits: [], history: [], deploys: [] },
  ...over,
});
const chance = (one: Case, letter: string): number =>
  judge(one).ranked.find(({ commit }) => commit.sha === sha(letter))!.p;
const reasons = (one: Case, letter: string): string[] =>
  judge(one)
    .ranked.find(({ commit }) => commit.sha === sha(letter))!
    .evidence.map(({ reason }) => reason);

test("a line that comes with another id, thread, time or path each time is one kind, and says what all of them say", () => {
  const patterns = newPatterns(
    [
      line(-3, "[worker-6] ERROR could not read /v1/baskets (request_id=1c0a2f5d)"),
      line(-2, "[http-nio-8080-exec-3] ERROR could not read /v1/vouchers (request_id=99aa2f5d)"),
      line(-1, "[worker-9] ERROR could not read /v1/skus"),
    ],
    now - 10 * minute,
  );
  assert.deepEqual(
    patterns.map(({ text, count }) => [text, count]),
    [["ERROR could not read", 3]],
  );
});

test("what comes now and then is not the trouble beside what comes all the time, unless it has a stack trace", () => {
  const often = Array.from({ length: 9 }, (_, n) => line(-5 + n / 10, "pool exhausted"));
  const patterns = newPatterns(
    [
      ...often,
      line(-4, "broken pipe"),
      line(-3, "boom", { trace: "at src/a.ts:1" }),
      line(-3, "hello", { level: "info" }),
    ],
    now - 10 * minute,
  );
  assert.deepEqual(
    frequentErrors(patterns)
      .map(({ text }) => text)
      .sort(),
    ["boom", "pool exhausted"],
  );
});

const links = (commits: Commit[], text: string, over: Partial<LogLine> = {}) =>
  logLinks(commits, newPatterns([line(-1, text, over)], now - 10 * minute), {
    ...{ usual: "", service: "shop", alerts: "", parties: [], isForeign: () => false },
  });

test("a number that a change sets and an error tells links the two, a number that it takes away does not", () => {
  const set = commit("1", { patch: "-  maximumPoolSize: 40\n+  maximumPoolSize: 10" });
  const away = commit("2", { patch: "-  workers: 10\n+  workers: 40" });
  const found = links([set, away], "not available after 30000ms (active=10, idle=0)");
  assert.match(found.get(sha("1"))!.reason, /“10”/);
  assert.equal(found.has(sha("2")), false);
});

test("the file that a stack trace names weighs more than words that any error says", () => {
  const file = commit("1", { paths: ["src/main/PeriodMath.java"] });
  const talk = commit("2", { message: "handle invalid request, return status and error message" });
  const found = links([file, talk], "request failed: invalid status returned by handler", {
    trace: "at x.PeriodMath.end(main/PeriodMath.java:3)",
  });
  assert.ok(found.get(sha("1"))!.weight >= 2);
  assert.equal(found.has(sha("2")), false);
});

test("a metric that moved is linked to the change that says what it measures, not to its unit or the service's name", () => {
  const cpu = commit("1", { patch: "-    cpu: 2\n+    cpu: 300m" });
  const other = commit("2", { message: "shop: request duration in seconds" });
  const found = metricLinks(
    [cpu, other],
    [{ metric: "shop_cpu_throttled_request_seconds_rate", load: false }],
    "shop",
  );
  assert.match(found.get(sha("1"))!.reason, /^the metrics that moved and its changed lines share “cpu”$/);
  assert.equal(found.has(sha("2")), false);
  assert.equal(metricLinks([cpu], [{ metric: "cpu_requests", load: true }], "shop").size, 0);
});

const series = (value: (minutes: number) => number, over: Partial<Series> = {}): Series => ({
  ...{ service: "shop", metric: "memory_working_set" },
  points: Array.from({ length: 144 }, (_, n) => [now - (144 - n) * 10 * minute, value((n - 144) * 10)]),
  ...over,
});
const noise = (minutes: number): number => ((Math.abs(minutes) * 7919) % 13) - 6;

test("a leak is found where it begins: level before, climbing after", () => {
  const leak = trendChange(series((at) => 500 + noise(at) + Math.max(0, at + 600) * 0.8));
  assert.ok(Math.abs(leak!.at - (now - 600 * minute)) <= 20 * minute, String((leak!.at - now) / minute));
  assert.ok(Math.abs(leak!.before - 500) < 10);
  assert.ok(leak!.after > 900);
});

test("a leak that ends in a restart bends where it began", () => {
  const leak = trendChange(
    series((at) => 500 + noise(at) + (at < -40 ? Math.max(0, at + 600) * 0.8 : 0), {
      metric: "memory_bytes",
    }),
  );
  assert.ok(Math.abs(leak!.at - (now - 600 * minute)) <= 20 * minute, String((leak!.at - now) / minute));
});

test("a step of memory or CPU as a deploy goes live is the youth of its pods, unless the trouble is about it", () => {
  const step = series((at) => (at >= -600 ? 90 : 20) + noise(at), { metric: "container_memory_bytes" });
  const isTied = (name: string): boolean =>
    reasons(given({ ...hours, alerts: [alert({ name, startsAt: now })], series: [step] }), "2").some((one) =>
      one.endsWith("as it went live"),
    );
  assert.deepEqual(["CheckoutFails", "MemoryHigh", "PodsRestart"].map(isTied), [false, true, true]);
});

test("what a service gets done is no load: its fall is trouble", () => {
  assert.deepEqual(
    ["throughput", "jobs_processed_throughput", "http_requests_per_second"].map((metric) =>
      isLoad({ metric }),
    ),
    [false, false, true],
  );
  assert.equal(isLoad({ metric: "ThroughputLow's value", alert: "ThroughputLow" }), false);
});

test("another service that cannot reach the alerting one is its victim, not a cause outside", () => {
  const of = (service: string, text: string) =>
    judge(
      given({
        ...{ commits: [commit("1"), commit("2")], history: [sha("1"), sha("2")], dependsOn: ["cart"] },
        logs: [line(-90, "up", { level: "info" }), ...[-5, -4, -3].map((at) => line(at, text, { service }))],
      }),
    ).against.map(({ reason }) => reason);
  assert.deepEqual(of("cart", "connect ECONNREFUSED shop:8080"), []);
  assert.equal(of("shop", "connect ECONNREFUSED 10.0.0.7:8080").length, 1);
});

test("what is level, or goes up and down with the day, does not bend; broken points are left out", () => {
  assert.equal(trendChange(series((at) => 500 + noise(at))), undefined);
  assert.equal(trendChange(series((at) => 500 + 200 * Math.sin((at / 720) * Math.PI * 2))), undefined);
  assert.equal(trendChange(series(() => Number.NaN)), undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 40 }), (points) => {
      const bend = trendChange(series(() => 0, { points }));
      return bend === undefined || points.some(([at]) => at === bend.at);
    }),
  );
});

const commits = [commit("1"), commit("2", { at: now - 11 * hour })];
/** The second went live ten hours before, the first just before the alert. */
const hours = {
  commits,
  history: [sha("1"), sha("2"), sha("3")],
  deploys: [deploy("3", -1400), deploy("2", -600), deploy("1", -12)],
};

test("what went live as a metric of its service began to move is as fresh as what went live just before the alert", () => {
  const moved = series((at) => (at >= -600 ? 90 : 20) + noise(at), { metric: "db_queries" });
  assert.ok(
    chance(given({ ...hours, series: [moved] }), "2") > chance(given({ ...hours, series: [moved] }), "1"),
  );
  assert.ok(
    reasons(given({ ...hours, series: [moved] }), "2").some((one) =>
      /^db_queries 20\.\d → .* as it went live$/.test(one),
    ),
  );
  const load = series((at) => (at >= -600 ? 90 : 20) + noise(at), { metric: "requests", load: true });
  assert.ok(
    chance(given({ ...hours, series: [load] }), "2") < chance(given({ ...hours, series: [load] }), "1"),
  );
  const others = { ...moved, service: "ledger" };
  assert.ok(
    !reasons(given({ ...hours, series: [others] }), "2").some((one) => one.includes("as it went live")),
  );
});

test("comments, translations and what runs elsewhere hardly break production, where anything is measured", () => {
  const logs = [line(-90, "up", { level: "info" }), line(-5, "down")];
  const of = (over: Partial<Commit>, measured = true) =>
    reasons(
      given({
        commits: [commit("1", over), commit("2")],
        history: [sha("1"), sha("2")],
        dependsOn: ["dashboard-api"],
        ...(measured && { logs }),
      }),
      "1",
    );
  const comments = { patch: "@@ -1 +1 @@\n-// old words\n+// new words" };
  assert.ok(of(comments).includes("changes only comments"));
  assert.ok(!of(comments, false).includes("changes only comments"));
  assert.ok(!of({ patch: "-// old words\n+run()" }).includes("changes only comments"));
  assert.ok(of({ paths: ["web/locales/nl.json"] }).includes("touches only translations and styles"));
  assert.ok(
    of({ paths: ["k8s/overlays/staging/shop.yaml"] }).includes(
      "touches only what runs elsewhere: staging, development or dashboards",
    ),
  );
  const isElsewhere = (...paths: string[]) => of({ paths }).some((one) => one.startsWith("touches only"));
  assert.ok(!isElsewhere("k8s/overlays/staging/shop.yaml", "src/a.ts"));
  assert.ok(!isElsewhere("services/dashboard-api/src/a.ts"), "it depends on dashboard-api");
  assert.ok(isElsewhere("services/dashboard-web/src/a.ts"));
});

test("without deploys on record, what landed a minute before something moved was hardly live by then", () => {
  const errors = series((at) => (at >= -20 ? 30 : 1), { metric: "errors" });
  const late = commit("1", { at: now - 21 * minute });
  const one = given({ commits: [late, commit("2")], history: [sha("1"), sha("2")], series: [errors] });
  assert.ok(
    reasons(one, "1").includes("landed only 60 s before the trouble began, and was hardly live by then"),
  );
  assert.ok(!reasons(one, "2").some((reason) => reason.includes("hardly live")));
});

test("a service's values and manifests are its own wherever they lie, by the service's name in their path", () => {
  const values = commit("1", { paths: ["gitops/prod/shop/values.yaml"] });
  const of = (service: string) =>
    judge(
      given({
        service,
        servicePaths: ["src/shop"],
        commits: [values, commit("2")],
        history: [sha("1"), sha("2")],
      }),
    ).window;
  assert.deepEqual(of("shop").servicePaths, ["src/shop", "gitops/prod/shop"]);
  assert.deepEqual(of("").servicePaths, ["src/shop"]);
});

test("a case without a service is of the one that its symptom names, of those it knows and does not depend on", () => {
  const raw = { id: 1, at: now, candidates: [], symptom: "fx calls of shop fail", dependsOn: ["fx"] };
  const logs = [line(-1, "x"), line(-1, "x", { service: "fx" })];
  assert.equal(readForm({ ...raw, logs }).given.service, "shop");
  assert.equal(readForm({ ...raw, logs, symptom: "it fails" }).given.service, "");
});

test("a library that a stack trace runs through points at the change of its version", () => {
  const bump = commit("1", { title: "Bump undici from 5.28.4 to 6.19.2", paths: ["package-lock.json"] });
  const other = commit("2", { title: "Bump undici-types from 1 to 2", paths: ["package-lock.json"] });
  const code = commit("3", { title: "Use undici", paths: ["src/a.ts"] });
  for (const [trace, library] of [
    ["at Parser.finish (/app/node_modules/undici/lib/client-h1.js:290:19)", "undici"],
    ["at x (/app/node_modules/.pnpm/undici@6.1.0/node_modules/undici/index.js:1:1)", "undici"],
  ] as const) {
    const found = links([bump, other, code], "other side closed", { trace });
    assert.match(found.get(sha("1"))!.reason, new RegExp(library));
    assert.ok(found.get(sha("1"))!.weight >= 2.5);
    assert.ok((found.get(sha("2"))?.weight ?? 0) < 1.5);
  }
  const python = commit("4", {
    title: "deps",
    paths: ["requirements.txt"],
    patch: "-urllib3==1.26.18\n+urllib3==2.2.1",
  });
  const frame = 'File "/usr/lib/python3.11/site-packages/urllib3/util/ssl_.py", line 319';
  assert.ok(links([python], "renegotiation disabled", { trace: frame }).get(sha("4"))!.weight >= 2.5);
});

test("rights, room and schedules meet the settings that rule them, and other settings do not", () => {
  const changes = {
    rights: commit("1", { paths: ["k8s/shop.yaml"], patch: "+            readOnlyRootFilesystem: true" }),
    room: commit("2", { paths: ["terraform/asg.tf"], patch: "-  max_size = 40\n+  max_size = 8" }),
    schedule: commit("3", { paths: ["ops/shop.cron"], patch: "-30 11 * * 2 run\n+30 9 * * 2 run" }),
    words: commit("4", { paths: ["rules.yaml"], patch: '-  summary: chat\n+  summary: "saturated workers"' }),
  };
  const of = (trouble: string): string[] => {
    const found = failureModeLinks(Object.values(changes), trouble);
    return Object.entries(changes).flatMap(([name, one]) => (found.has(one.sha) ? [name] : []));
  };
  for (const trouble of ["OSError: [Errno 30] Read-only file system: '/tmp/a'", "mkdir: EACCES"])
    assert.deepEqual(of(trouble), ["rights"], trouble);
  for (const trouble of ["CPUHigh on all machines: 95 %", "0/9 nodes are available: Insufficient cpu"])
    assert.deepEqual(of(trouble), ["room"], trouble);
  for (const trouble of ["the export did not begin at 11:30", "backup is overdue"])
    assert.deepEqual(of(trouble), ["schedule"], trouble);
  assert.deepEqual(of("payments in yen fail"), []);
});

test("what the trouble is about meets the few changes of a kind that makes such trouble", () => {
  const image = commit("1", { paths: ["services/shop/Dockerfile"], patch: "-FROM node:20\n+FROM node:22" });
  const limits = commit("2", { paths: ["deploy/values.yaml"], patch: "-    cpu: 2\n+    cpu: 300m" });
  const of = (trouble: string) => [...failureModeLinks([image, limits], trouble).keys()];
  assert.deepEqual(of("SSL routines: unsafe legacy renegotiation disabled"), [sha("1")]);
  assert.deepEqual(of("cpu_throttled_ratio"), [sha("2")]);
  assert.deepEqual(of("payments in yen fail"), []);
  const many = Array.from({ length: 9 }, (_, at) => ({ ...limits, sha: sha(String(at)) }));
  assert.equal(failureModeLinks(many, "cpu_throttled_ratio").size, 0);
});

test("the class of a change is evidence where the trouble is of the kind that such changes make", () => {
  const yaml = (path: string, ...lines: string[]) => ({
    paths: [path],
    patch: `--- ${path}\n@@ -1,${lines.length} +1,${lines.length} @@\n${lines.join("\n")}`,
  });
  const weights = commit("1", yaml("mesh/shop.yaml", "-      weight: 90", "+      weight: 0"));
  const runtime = commit("2", yaml("pods.yaml", "+  runtimeClassName: gvisor"));
  const profile = commit(
    "3",
    yaml("pods.yaml", "+  seccompProfile: {type: Localhost}", "+  localhostProfile: a"),
  );
  const quota = commit("4", {
    files: [{ path: "q.yaml", status: "added", patch: "+apiVersion: v1\n+kind: ResourceQuota\n+spec: {}" }],
  });
  const bump = commit("5", yaml("shop.yaml", "-  image: acme/shop:1", "+  image: acme/shop:2"));
  const all = [weights, runtime, profile, quota, bump];
  const of = (trouble: string) =>
    [...failureModeLinks(all, trouble)].map(([one, { reason }]) => [one, reason.split(", and ")[0]]);
  for (const [trouble, letter, what] of [
    ["ErrorRateHigh: http_requests_5xx over 5 %", "1", "changes how requests are routed"],
    ["OCI runtime create failed: no runtime for gvisor", "2", "changes the container runtime"],
    ["mmap: operation not permitted", "3", "changes the sandbox of a process"],
    ["pods of shop: exceeded quota: compute", "4", "changes memory or CPU settings"],
  ] as const)
    assert.deepEqual(of(trouble), [[sha(letter), what]], trouble);
  assert.deepEqual(of("payments in yen fail"), []);
  // A class says nothing of a change whose lines are not of it, whatever its title says.
  const named = commit("6", { title: "change the weights of the VirtualService", paths: ["src/a.ts"] });
  assert.deepEqual([...failureModeLinks([named], "5xx")], []);
});

test("a moved weight outranks a bump of an image for an alert on 5xx, when both went live together", () => {
  const one = (letter: string, path: string, before: string, after: string) =>
    commit(letter, {
      paths: [path],
      patch: `--- ${path}\n@@ -1 +1 @@\n-${before}\n+${after}`,
      at: now - 9 * minute,
    });
  const route = one("1", "mesh/shop.yaml", "weight: 90", "weight: 0");
  const bump = one("2", "apps/shop.yaml", "image: acme/shop:1", "image: acme/shop:2");
  const incident = given({
    alerts: [
      alert({ name: "ShopErrorsHigh", labels: {}, annotations: { summary: "5xx over 5 %" }, startsAt: now }),
    ],
    ...{ commits: [bump, route], history: [sha("2"), sha("1")], deploys: [deploy("2", -5)] },
  });
  assert.ok(chance(incident, "1") > 1.5 * chance(incident, "2"));
  assert.ok(
    reasons(incident, "1").includes("changes how requests are routed, and requests fail or are slow"),
  );
});

test("a service that new errors of another one name is the likelier origin", () => {
  const ledger = commit("1", { paths: ["services/ledger/limit.go"], at: now - 9 * minute });
  const shop = commit("2", { paths: ["services/shop/cart.go"], at: now - 8 * minute });
  const of = (text: string) =>
    reasons(
      given({
        ...{ dependsOn: ["ledger"], commits: [ledger, shop], history: [sha("2"), sha("1")] },
        logs: [line(-90, "up", { level: "info" }), line(-5, text)],
      }),
      "1",
    );
  assert.ok(of("ledger answered 429").includes("changes ledger, which the new errors of shop name"));
  assert.ok(of("ledgers answered 429").includes("changes ledger, which shop depends on"));
});

test("names that cannot be resolved are nobody's, an own service that cannot be reached may be somebody's", () => {
  assert.equal(externalCause("getaddrinfo EAI_AGAIN ledger", ["ledger"])?.what, "name resolution");
  assert.equal(externalCause("connect ECONNREFUSED ledger:80", ["ledger"]), undefined);
  assert.equal(
    externalCause("connect ECONNREFUSED 10.0.0.1:80", ["ledger"])?.what,
    "something it cannot reach",
  );
});

test("what a machine, its provider or somebody's hand did is heard at any level, and so are metrics of machines", () => {
  const of = (text: string) => outsideEvent(text);
  assert.equal(of("sudo: yp : TTY=pts/3 ; USER=root ; COMMAND=/bin/rm -rf /data"), "somebody's hand");
  assert.equal(of("apt-daily-upgrade.service: Upgrading systemd"), "the machine itself");
  assert.equal(of("instance redis-1 migrated by provider (onHostMaintenance)"), "the provider's machines");
  assert.equal(of("basket kept by hand-off"), undefined);
  const commits = [commit("1", { at: now - 9 * minute }), commit("2")];
  const one = { commits, history: [sha("1"), sha("2")] };
  const quiet = [line(-90, "up", { level: "info" }), line(-5, "down")];
  const told = [...quiet, line(-6, "kernel: Clock: inserting leap second 23:59:60 UTC", { level: "info" })];
  assert.ok(judge(given({ ...one, logs: told })).noSuspect > judge(given({ ...one, logs: quiet })).noSuspect);
  const edac = series((at) => (at >= -10 ? 40 : 0), { metric: "edac_uncorrectable_errors" });
  const { against } = judge(given({ ...one, series: [edac] }));
  assert.ok(against.some(({ reason }) => /a machine or its provider$/.test(reason)));
});

test("what moves elsewhere at the moment it hurts here is no sign of what went live there", () => {
  const moved = (service: string, from: number): Series => ({
    ...{ service, metric: `${service}_errors` },
    points: Array.from({ length: 120 }, (_, n) => [now + (n - 120) * minute, n - 120 >= from ? 90 : 2]),
  });
  const ledger = { ...deploy("1", -21), service: "ledger" };
  const one = (theirs: number) =>
    given({
      ...{
        dependsOn: ["ledger"],
        commits: [commit("1", { paths: ["ledger/a.ts"] }), commit("2")],
        history: [sha("1"), sha("2"), sha("3")],
      },
      deploys: [{ ...deploy("3", -900), service: "ledger" }, ledger, deploy("2", -1000)],
      series: [moved("shop", -10), moved("ledger", theirs)],
    });
  const isTied = (theirs: number) =>
    reasons(one(theirs), "1").some((reason) => reason.endsWith("as it went live"));
  assert.ok(isTied(-20));
  assert.ok(!isTied(-10));
});

test("a climb without any noise is found as well", () => {
  for (const hours of [2, 4, 5, 6, 7]) {
    const from = now - hours * 60 * minute;
    const points = Array.from({ length: 481 }, (_, index): [number, number] => {
      const at = now - (480 - index) * minute;
      return [at, 0.3 + (0.63 * Math.max(0, at - from)) / (now - from)];
    });
    const leak = trendChange({ service: "checkout", metric: "memory", points });
    assert.equal(Math.round((leak?.cause?.from ?? 0) / minute), from / minute, `${hours} h`);
  }
});

test("a jump is no slope: where a step lies closer to the points nothing bends", () => {
  const jump = series((at) => (at >= -60 ? 400 : 2) + noise(at));
  assert.equal(trendChange(jump, changePoint(jump)), undefined);
});

test("the lines around a change, as GitHub shows them, are not what it says", () => {
  const patch =
    "@@ -4,8 +4,8 @@ const rates = {\n   SEK: 87_420,\n-  GBP: 1_187,\n+  GBP: 1_186,\n   JPY: 6_118,\n };\n\\ No newline at end of file";
  assert.equal(changedLines(patch), "@@ const rates = {\n-  GBP: 1_187,\n+  GBP: 1_186,");
  assert.equal(changedLines("read the rates\n  of yen"), "read the rates\n  of yen");
  const yen = alert({ name: "", labels: { currency: "JPY" }, annotations: {}, startsAt: now });
  const one = given({
    alerts: [yen],
    commits: [commit("1", { patch }), commit("2")],
    history: [sha("1"), sha("2")],
  });
  assert.ok(!reasons(one, "1").some((reason) => reason.includes("JPY")));
});

test("a word of the lines around a change tells where it is, not what it says", () => {
  const lines = (patch: string) =>
    reasons(
      given({
        ...{ commits: [commit("1", { patch }), commit("2")], history: [sha("1"), sha("2")] },
        logs: [line(-90, "up", { level: "info" }), line(-5, "zxqwvutrst gave up")],
      }),
      "1",
    ).filter((reason) => reason.includes("zxqwvutrst"));
  const said = "the log lines that are new since the onset and";
  assert.deepEqual(lines("@@ -1,2 +1,2 @@\n zxqwvutrst(1)\n-a(1)\n+a(2)"), [
    `${said} the lines around its change share “zxqwvutrst”`,
  ]);
  assert.deepEqual(lines("@@ -1,2 +1,2 @@\n a(1)\n-zxqwvutrst(1)\n+zxqwvutrst(2)"), [
    `${said} its changed lines share “zxqwvutrst”`,
  ]);
});
