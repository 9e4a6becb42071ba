import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { scraped } from "../../infra/local/scraped.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import { selectors } from "../../shared/promql/selectors.ts";
import { countAlerts, countCalls, countIncidents, countSteps } from "../../shared/telemetry.ts";
import { root } from "../run/plan.ts";

const folder = join(root, "infra/monitoring");
const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const skip = isMissing && "promtool is not on PATH: page and rules were NOT checked by it";

const incident = { ...emptyIncident("shop/production"), status: "proposed" } as Incident;
const page = scraped(async () => [
  { incident, version: 1 },
  { incident, version: 3 },
]);
/** The lines of one metric on the page, without the scope that the library adds to each. */
const linesOf = async (name: string): Promise<string[]> =>
  (await page())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => line.replace(/,?otel_scope_name="countersteer"/, ""));

test("the page for Prometheus tells what was counted, also before anybody asked, and which incidents are open", async () => {
  countAlerts({ outcome: "a test's" });
  countAlerts({ outcome: "a test's" }, 2);
  assert.deepEqual(
    (await linesOf("countersteer_alerts_total")).filter((line) => line.includes("a test's")),
    [`countersteer_alerts_total{outcome="a test's"} 3`],
  );
  assert.deepEqual(await linesOf("countersteer_incidents_open"), [
    'countersteer_incidents_open{status="proposed"} 2',
  ]);
});

test("every metric that the alert rules and the dashboard ask for is on the page", async () => {
  countIncidents({ status: "closed" });
  countSteps({ step: "a test's", result: "nothing" });
  countCalls({ system: "a test's", result: "2xx" });
  const rules = parse(readFileSync(join(folder, "rules.yaml"), "utf8"));
  const dashboard = JSON.parse(readFileSync(join(folder, "dashboard.json"), "utf8"));
  const asked = [
    ...rules.groups[0].rules,
    ...dashboard.panels.flatMap(({ targets }: { targets: unknown[] }) => targets),
  ];
  const names = asked.flatMap(({ expr }) => selectors(expr)).map((selector) => selector.split(/[{[]/, 1)[0]!);
  const text = await page();
  const missing = names.filter((name) => name !== "up" && !text.includes(`# TYPE ${name} `));
  assert.ok(names.length >= asked.length);
  assert.deepEqual(missing, []);
});

test("promtool finds no fault in the page, the rules and their tests", { skip }, async () => {
  const promtool = (args: string[], input = ""): string => {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder, input, encoding: "utf8" });
    return status === 0 ? "" : stdout + stderr;
  };
  assert.equal(promtool(["check", "metrics"], await page()), "");
  assert.equal(promtool(["check", "rules", "rules.yaml"]), "");
  assert.equal(promtool(["test", "rules", "rules.test.yaml"]), "");
});
