import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const page = readFileSync(join(import.meta.dirname, "../../docs/systems.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => /^\| (?!system|---)/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));

/** The systems of dynamic operations that teams name. */
const named = [
  ...["Git", "GitHub Actions", "Prometheus", "Alertmanager", "Grafana", "Slack", "Argo CD", "Argo Rollouts"],
  ...[
    "Flux",
    "Tekton",
    "Jenkins",
    "Jenkins X",
    "Kubernetes HPA",
    "VPA",
    "KEDA",
    "Knative",
    "Kustomize",
    "Helm",
  ],
  ...["Terraform", "Pulumi", "Cluster Autoscaler", "Custom Metrics API", "Prometheus Adapter", "Loki"],
  ...["Elasticsearch", "Kibana", "OpenTelemetry", "Tempo", "Jaeger", "Open Policy Agent", "Gatekeeper"],
  ...["Istio", "Envoy", "Network Service Mesh", "Kata", "gVisor", "Firecracker", "WasmEdge", "seccomp"],
  ...["eBPF", "KVM", "Xen", "SGX", "TPM"],
];

test("every named system has a row that says what it means here, how to connect it, and what was tried", () => {
  const cells = rows.map(([system = ""]) => system.split(", "));
  for (const one of named)
    assert.ok(
      cells.some((row) => row.includes(one)),
      one,
    );
  assert.ok(rows.length >= 35, String(rows.length));
  for (const row of rows) {
    assert.equal(row.length, 4, row.join(" | "));
    assert.match(row[2] ?? "", /\]\(/, row[0]);
    assert.match(row[3] ?? "", /\*\*real\*\*|\*\*fake\*\*|not tried/, row[0]);
  }
});
