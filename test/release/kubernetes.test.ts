import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { parseConfig } from "../../shared/config.ts";
import { root } from "../run/plan.ts";

const folder = join(root, "infra/kubernetes");
// biome-ignore lint/suspicious/noExplicitAny: a manifest has no type here
type Manifest = any;

const has = (command: string): boolean => spawnSync(command, ["version", "--client"]).error === undefined;
const manifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });

/** The base without kubectl: its files as they stand. */
const base = (): Manifest[] => {
  const { resources } = parse(readFileSync(join(folder, "base/kustomization.yaml"), "utf8"));
  return resources.flatMap((file: string) => manifests(readFileSync(join(folder, "base", file), "utf8")));
};

/** The few forms that the chart's templates use, as Helm renders them. */
const rendered = (template: string): string => {
  const scope: Record<string, unknown> = {
    Release: { Name: "countersteer", Namespace: "countersteer" },
    Values: parse(readFileSync(join(folder, "chart/values.yaml"), "utf8")),
    Chart: { AppVersion: parse(readFileSync(join(folder, "chart/Chart.yaml"), "utf8")).appVersion },
  };
  const at = (path: string): unknown =>
    path
      .split(".")
      .slice(1)
      .reduce<unknown>((value, key) => Reflect.get(Object(value), key), scope);
  const text = (path: string): string => String(at(path));
  const yaml = (path: string): string => stringify(at(path)).trimEnd();
  return template
    .replaceAll(/(?:^|\n *)\{\{- if (\S+) \}\}([\s\S]*?)\n *\{\{- end \}\}/g, (_, path, inner) =>
      at(path) ? inner : "",
    )
    .replaceAll(/\s*\{\{- toYaml (\S+) \| nindent (\d+) \}\}/g, (_, path, indent) =>
      `\n${yaml(path)}`.replaceAll("\n", `\n${" ".repeat(Number(indent))}`),
    )
    .replaceAll(/\{\{ toYaml (\S+) \| sha256sum \}\}/g, (_, path) =>
      createHash("sha256").update(yaml(path)).digest("hex"),
    )
    .replaceAll(/\{\{ (\S+) \| default (\S+) \}\}/g, (_, path, other) => text(path) || text(other))
    .replaceAll(/\{\{ (\S+) \}\}/g, (_, path) => text(path));
};

const chart = (): Manifest[] =>
  globSync("chart/templates/*.yaml", { cwd: folder }).flatMap((file) => {
    const text = rendered(readFileSync(join(folder, file), "utf8"));
    assert.doesNotMatch(text, /\{\{/, `${file} uses a form that this test does not know`);
    return manifests(text);
  });

const named = (all: Manifest[], kind: string): Manifest => {
  const found = all.filter((one) => one.kind === kind);
  assert.equal(found.length, 1, `one ${kind}`);
  return found[0];
};

for (const [way, all] of [
  ["base", base()],
  ["chart", chart()],
] as const) {
  test(`the Kubernetes ${way} runs one server with a volume, and never two at a time`, () => {
    const { replicas, strategy, template } = named(all, "Deployment").spec;
    assert.deepEqual([replicas, strategy.type], [1, "Recreate"]);
    const store = template.spec.volumes.find(({ name }: Manifest) => name === "store");
    assert.equal(store.persistentVolumeClaim.claimName, named(all, "PersistentVolumeClaim").metadata.name);
  });

  test(`the pod of the Kubernetes ${way} keeps the restricted Pod Security Standard`, () => {
    const { spec } = named(all, "Deployment").spec.template;
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
    assert.equal(spec.automountServiceAccountToken, false);
    for (const { securityContext } of spec.containers)
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    const kinds = spec.volumes.map(({ name, ...kind }: Manifest) => Object.keys(kind)[0]);
    assert.deepEqual(kinds, ["persistentVolumeClaim", "configMap", "emptyDir"]);
  });

  test(`service, network policy and pod of the Kubernetes ${way} mean the same pod`, () => {
    const { metadata } = named(all, "Deployment").spec.template;
    const service = named(all, "Service").spec;
    const policy = named(all, "NetworkPolicy").spec;
    assert.deepEqual(service.selector, metadata.labels);
    assert.deepEqual(policy.podSelector.matchLabels, metadata.labels);
    assert.deepEqual(policy.policyTypes, ["Ingress", "Egress"]);
  });
}

type Model = new (manifest: Manifest) => { validate: () => void };

/** Throws what the schema of the object's kind in the API of Kubernetes complains of. */
const assertSchema = async (manifest: Manifest): Promise<void> => {
  const { apiVersion, kind } = manifest;
  const module: Record<string, Model> = await import(`kubernetes-models/${apiVersion}/${kind}`);
  const Kind = module[kind];
  assert.ok(Kind, `no schema of ${kind}`);
  new Kind(manifest).validate();
};

test("every object of base and chart fits the schema of its kind in the API of Kubernetes", async () => {
  // Prometheus' operator defines it, not Kubernetes.
  const own = [...base(), ...chart()].filter(({ kind }) => kind !== "ServiceMonitor");
  assert.equal(own.length, 12);
  for (const manifest of own) await assertSchema(manifest);
  const broken = structuredClone(named(chart(), "Deployment"));
  broken.spec.template.spec.containers[0].ports[0].containerPort = "http";
  await assert.rejects(assertSchema(broken), /containerPort must be integer/);
});

test("base and chart describe the same container", () => {
  const [ofBase, ofChart] = [base(), chart()].map((all) => {
    const { image, ...container } = named(all, "Deployment").spec.template.spec.containers[0];
    return container;
  });
  assert.deepEqual(ofChart, ofBase);
});

test("the configurations that base and chart ship are valid, and only observe", () => {
  const ofBase = readFileSync(join(folder, "base/countersteer.yaml"), "utf8");
  const ofChart = named(chart(), "ConfigMap").data["countersteer.yaml"];
  for (const text of [ofBase, ofChart]) {
    const parsed = parseConfig(text);
    assert.ok("config" in parsed, "problems" in parsed ? JSON.stringify(parsed.problems) : "");
    assert.deepEqual(
      parsed.config.services.map(({ policy }) => policy.mode),
      ["observe"],
    );
  }
});

test("kustomize renders the base with the image and the configuration", {
  skip: has("kubectl") ? false : "kubectl is not installed: the base was NOT rendered by it",
}, () => {
  const all = manifests(execFileSync("kubectl", ["kustomize", join(folder, "base")], { encoding: "utf8" }));
  const { containers, volumes } = named(all, "Deployment").spec.template.spec;
  assert.equal(containers[0].image, "registry.example.com/countersteer:0.1.0");
  assert.equal(volumes[1].configMap.name, named(all, "ConfigMap").metadata.name);
  assert.ok(all.every(({ kind, metadata }) => kind === "Namespace" || metadata.namespace === "countersteer"));
});

test("helm renders the chart as this test does", {
  skip: has("helm") ? false : "helm is not installed: the chart was rendered by this test alone",
}, () => {
  const args = ["template", "countersteer", join(folder, "chart"), "--namespace", "countersteer"];
  const all = manifests(execFileSync("helm", args, { encoding: "utf8" }));
  const byKind = (one: Manifest, other: Manifest) => one.kind.localeCompare(other.kind);
  const plain = (list: Manifest[]) =>
    list
      .toSorted(byKind)
      .map((one) => JSON.parse(JSON.stringify(one).replace(/"checksum\/configuration":"\w+"/, "")));
  assert.deepEqual(plain(all), plain(chart()));
});
