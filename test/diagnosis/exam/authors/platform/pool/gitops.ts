import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Service } from "../services.ts";

const dashboards = (r: Random, { name, config }: Service): Change => ({
  title: r.pick([`Dashboard row for ${name} restarts`, `Show ${name} saturation on its dashboard`]),
  files: {
    [`${config}/dashboards/overview.json`]: `
@@ "panels": [
     { "title": "Requests", "type": "timeseries" },
+    {
+      "title": "Restarts",
+      "type": "stat",
+      "targets": [{ "expr": "sum(increase(kube_pod_container_status_restarts_total{app=\\"${name}\\"}[1h]))" }]
+    },
     { "title": "Errors", "type": "timeseries" }`,
  },
});

const staging = (r: Random, { name }: Service): Change => ({
  title: r.pick([`Smaller ${name} in staging`, `Lower limits of ${name} outside production`]),
  body: "Only the staging overlay. Saves two nodes at night.",
  files: {
    [`gitops/overlays/staging/${name}/values.yaml`]: `
 replicaCount: 1
 resources:
   limits:
-    cpu: "1"
-    memory: 1Gi
+    cpu: 250m
+    memory: 384Mi
   requests:
-    cpu: 500m
+    cpu: 50m
     memory: 256Mi`,
  },
});

const owners = (r: Random, { name, config }: Service): Change => ({
  title: `Annotate ${name} with its owner and runbook`,
  files: {
    [`${config}/values-prod.yaml`]: `
 nameOverride: ${name}
 podAnnotations:
   prometheus.io/scrape: "true"
+  bank.example/owner: ${r.pick(["core", "channels", "risk", "revenue"])}
+  bank.example/runbook: runbooks/${name}.md
+  bank.example/tier: "${r.int(1, 3)}"
 service:
   port: 8080`,
    [`docs/owners/${name}.yaml`]: `
+name: ${name}
+chat: "#${name}"
+escalation: weekday`,
  },
});

const budget = (_r: Random, { name, config }: Service): Change => ({
  title: `Add a disruption budget for ${name}`,
  files: {
    [`${config}/templates/pdb.yaml`]: `
+apiVersion: policy/v1
+kind: PodDisruptionBudget
+metadata:
+  name: ${name}
+spec:
+  maxUnavailable: 1
+  selector:
+    matchLabels:
+      app.kubernetes.io/name: ${name}`,
  },
});

const raise = (r: Random, { name, config }: Service): Change => ({
  title: r.pick([`Give ${name} more headroom`, `Raise limits of ${name} before month end`]),
  files: {
    [`${config}/values-prod.yaml`]: `
@@ resources:
   limits:
-    memory: 1Gi
+    memory: 1536Mi
   requests:
-    cpu: 500m
-    memory: 768Mi
+    cpu: 600m
+    memory: 1Gi
 podDisruptionBudget:`,
  },
});

const tags = (r: Random): Change => {
  const module = r.pick(["object-store", "queues", "vpn", "bastion", "registry", "backups"]);
  return {
    title: `terraform: cost tags on ${module}`,
    files: {
      [`terraform/prod/${module}/main.tf`]: `
@@ module "${module}" {
   source  = "../../modules/${module}"
   version = "${r.int(1, 6)}.${r.int(0, 9)}.0"
-  tags    = local.tags
+  tags = merge(local.tags, {
+    cost-centre = "${r.int(4000, 4999)}"
+    reviewed    = "2026"
+  })
 }`,
    },
  };
};

const alertRule = (r: Random, { name }: Service): Change => {
  const minutes = r.int(5, 15);
  return {
    title: `Reword ${name} alerts and link runbooks`,
    files: {
      [`gitops/monitoring/rules/${name}.yaml`]: `
@@ - alert: HighErrorRate
       for: ${minutes}m
       labels:
         severity: page
       annotations:
-        summary: errors
+        summary: "${name} answers too many requests with an error"
+        runbook: "runbooks/${name}.md#errors"
+        dashboard: "d/${name}"
     - alert: LatencyBudgetBurn
@@ - alert: KubePodCrashLooping
       annotations:
-        summary: crash loop
+        summary: "${name} restarts again and again"`,
    },
  };
};

const runbook = (r: Random, { name }: Service): Change => ({
  title: `Runbook: ${r.pick(["queue depth", "connection pool", "certificate", "crash loop", "disk"])} of ${name}`,
  files: {
    [`runbooks/${name}.md`]: `
 ## First look
 
-Ask the team.
+1. Errors by version, latency by version.
+2. Restarts and their reason (OOMKilled, probe, exit code).
+3. Connection pool and queue depth.
+4. Certificate and secrets.
+
+Roll back only when the trouble started with the rollout.`,
  },
});

const readers = (r: Random): Change => {
  const group = r.pick(["auditors", "data-office", "support-level-2", "security-review"]);
  return {
    title: `Read access for ${group}`,
    files: {
      [`gitops/clusters/prod/rbac/${group}.yaml`]: `
+apiVersion: rbac.authorization.k8s.io/v1
+kind: RoleBinding
+metadata:
+  name: ${group}-view
+subjects:
+  - kind: Group
+    name: ${group}
+roleRef:
+  kind: ClusterRole
+  name: view
+  apiGroup: rbac.authorization.k8s.io`,
    },
  };
};

const sandbox = (r: Random): Change => {
  const team = r.pick(["hackday", "analytics-lab", "training", "pentest"]);
  return {
    title: `Network policy for the ${team} sandbox`,
    files: {
      [`gitops/clusters/sandbox/${team}/network-policy.yaml`]: `
+apiVersion: networking.k8s.io/v1
+kind: NetworkPolicy
+metadata:
+  name: default-deny
+  namespace: ${team}
+spec:
+  podSelector: {}
+  policyTypes: [Ingress, Egress]`,
      "gitops/clusters/sandbox/kustomization.yaml": `
 resources:
   - base
+  - ${team}`,
    },
  };
};

const chart = (r: Random): Change => {
  const name = r.pick(["grafana", "kube-state-metrics", "reloader", "external-dns-docs", "tempo"]);
  const minor = r.int(2, 50);
  return {
    title: `chore(deps): update helm release ${name} to 6.${minor}.${r.int(1, 8)}`,
    bot: true,
    files: {
      [`gitops/monitoring/${name}/helmrelease.yaml`]: `
@@ spec:
   chart:
     spec:
       chart: ${name}
-      version: 6.${minor}.0
+      version: 6.${minor}.1
       sourceRef:
         kind: HelmRepository
@@ values:
   image:
-    tag: "${r.int(9, 11)}.${minor}.0"
+    tag: "${r.int(9, 11)}.${minor}.1"
-    digest: sha256:${r.hex(24)}
+    digest: sha256:${r.hex(24)}`,
    },
  };
};

const pipeline = (r: Random, { name }: Service): Change => ({
  title: r.pick([`CI: cache ${name} packages`, `Build ${name} on the larger runners`]),
  files: {
    [`.ci/${name}.yaml`]: `
 stages: [build, test, package]
 build:
-  runner: small
+  runner: large
+  cache:
+    key: ${name}-{{ checksum "lock" }}
+    paths:
+      - .cache
   script:
     - make build`,
  },
});

const host = (r: Random): Change => {
  const name = r.pick(["wiki", "status", "forms-preview", "docs"]);
  return {
    title: `Internal host ${name}.intra.bank.example`,
    files: {
      [`gitops/clusters/prod/edge-ingress/hosts/${name}.yaml`]: `
+apiVersion: cert-manager.io/v1
+kind: Certificate
+metadata:
+  name: ${name}-intra
+spec:
+  secretName: ${name}-intra-tls
+  dnsNames:
+    - ${name}.intra.bank.example
+  issuerRef:
+    name: internal-ca
+    kind: ClusterIssuer`,
    },
  };
};

/** Changes that belong to a service's declared configuration. */
export const serviceConfig = [dashboards, staging, owners, budget, raise, alertRule, runbook, pipeline];
/** Changes of the platform itself. */
export const platform = [tags, readers, sandbox, chart, host];
