import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkConfig } from "../../infra/cli/check-config.ts";
import { serve } from "../support/answering.ts";
import { scratch } from "../support/scratch.ts";

const configuration = (verify = "{}") => `services:
  - { name: pay, match: [service="pay"], repository: acme/pay, environments: [production], channel: C0PAYMENTS, verify: ${verify} }
  - { name: shop, match: [service="shop"], repository: acme/shop, environments: [production], channel: C0PAYMENTS }
`;
const rules = `spec:
  groups:
    - name: g
      rules:
        - { record: "a:b", expr: vector(1) }
        - { alert: Fine, expr: "errors > 1", labels: { service: pay } }
        - { alert: Always, expr: vector(1), labels: { service: pay } }
        - { alert: Anyone, expr: vector(2) }
        - { alert: Others, expr: vector(3), labels: { service: cart } }
        - { alert: Remembers, expr: "increase(errors[6h]) > 0", labels: { service: shop } }
        - { alert: Grows, expr: "deriv(queue_length[10m]) > 5", labels: { service: pay } }
        - { alert: Logs, expr: 'rate({app="a"} |= "x" [5m]) > 1', labels: { service: "{{ $labels.app }}" } }
`;
const always = "no selector in its expression could show that there is data; set verify.data";

const checked = async (t: TestContext, files: Record<string, string>, env: Record<string, string> = {}) => {
  const dir = await scratch(t);
  const [config, ...others] = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  });
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
  };
  const argv = [config ?? "", ...others.flatMap((file) => ["--rules", file])];
  const code = await checkConfig(argv, io, env);
  return { code, lines: out.join("").replaceAll(`${dir}/`, "").trim().split("\n"), err: err.join("") };
};

test("check-config lists the alerts of rule files that can never be verified, by service and with the reason", async (t) => {
  const { code, lines } = await checked(t, { "c.yaml": configuration(), "rules.yaml": rules });
  assert.equal(code, 0);
  assert.deepEqual(lines.slice(2), [
    `pay: Always can never be verified: ${always} (rules.yaml)`,
    `pay, shop: Anyone can never be verified: ${always} (rules.yaml)`,
    "shop: Remembers can be verified 6 h after the fix at the earliest, for its rule looks back; policy.deadline is 45 min (rules.yaml)",
    "pay: Grows can be verified only once its value is back where it was before the trouble, as its rule asks how fast the value changes; one that stops elsewhere is told as muted, so set verify.expr (rules.yaml)",
    "pay, shop: Logs can never be verified: its expression is not PromQL that can be read (MetricsQL and LogQL are not); set verify.expr and verify.data (rules.yaml)",
  ]);
});

test("a query of the configuration makes an alert verifiable", async (t) => {
  const verify =
    "{ data: [{ alert: Always, query: up }, { alert: Anyone, query: up }], expr: [{ alert: Logs, query: a > 1 }, { alert: Grows, query: queue_length > 100 }] }";
  const { lines } = await checked(t, { "c.yaml": configuration(verify), "rules.yaml": rules });
  assert.deepEqual(
    lines.slice(2).map((line) => line.split(" can ")[0]),
    ["shop: Anyone", "shop: Remembers", "shop: Logs"],
  );
});

test("a file of rules that is none is refused, and a Prometheus that cannot be asked is told and ends nothing", async (t) => {
  const refused = await checked(t, { "c.yaml": configuration(), "rules.yaml": "a: 1\n" });
  assert.deepEqual(
    [refused.code, refused.err.split("/").at(-1)],
    [
      1,
      "rules.yaml: it is not a file of Prometheus rules, which holds groups with rules in them, or of PrometheusRule objects\n",
    ],
  );
  const unasked = await checked(t, { "c.yaml": configuration() }, { PROMETHEUS_URL: "http://127.0.0.1:9" });
  assert.deepEqual([unasked.code, unasked.lines.length], [0, 2]);
  assert.match(unasked.err, /^which alerts can be verified is not known: Prometheus rules: /);
});

test("check-config lists the golden signals that a diagnosis would read of each service, and by which convention", async (t) => {
  const metric = { __name__: "istio_requests_total", destination_service_name: "shop" };
  const found = { resultType: "matrix", result: [{ metric, values: [[0, "1"]] }] };
  await using server = await serve(({ path }) => {
    const data = path === "/api/v1/rules" ? { groups: [] } : found;
    return { body: JSON.stringify({ status: "success", data }) };
  });
  const { lines } = await checked(t, { "c.yaml": configuration() }, { PROMETHEUS_URL: server.url });
  assert.deepEqual(lines.slice(2).toSorted(), [
    "pay: neither errors nor latency is found",
    "shop: errors, traffic by Istio",
  ]);
});
