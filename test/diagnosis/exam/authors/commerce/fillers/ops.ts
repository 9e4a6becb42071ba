import type { Change } from "../change.ts";

type Filler = Omit<Change, "service">;

export const opsFillers: readonly Filler[] = [
  {
    type: "chore",
    titles: ["Label the pods with the cost centre", "Add cost labels"],
    diffs: [
      [
        "helm:values.yaml",
        `
 podLabels:
   app.kubernetes.io/part-of: shop
+  finance/cost-centre: "47%n%0"
+  finance/owner: %svc%
 
 service:
   port: 8080
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Dashboard for %nouns%", "Add a %noun% panel to the dashboard"],
    diffs: [
      [
        "helm:dashboards/overview.json",
        `
   "panels": [
     { "title": "Requests", "type": "timeseries", "span": 12 },
+    { "title": "%Noun%s per minute", "type": "timeseries", "span": 6 },
+    { "title": "%Noun%s by channel", "type": "piechart", "span": 6 },
     { "title": "Errors", "type": "timeseries", "span": 12 }
   ],
`,
      ],
    ],
  },
  {
    type: "docs",
    titles: ["Runbook for stuck %nouns%", "Describe the %noun% runbook"],
    diffs: [
      [
        "docs/runbooks/%svc%-%noun%.md",
        `
+# Stuck %nouns%
+
+1. Look at the dashboard of %svc%.
+2. Ask #team-%svc% before you replay anything.
+3. Replay with \`shopctl %noun% replay --since 1h\`.
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Raise the HPA ceiling for the sale", "Allow more replicas in the evening"],
    diffs: [
      [
        "helm:values.yaml",
        `
 autoscaling:
   enabled: true
   minReplicas: 6
-  maxReplicas: %N%
+  maxReplicas: 1%N%
   targetCPU: 65
 
 podDisruptionBudget:
   minAvailable: 4
`,
      ],
    ],
  },
  {
    type: "ci",
    titles: ["Cache the build between jobs", "Speed the %svc% build up"],
    diffs: [
      [
        ".ci/%svc%.yaml",
        `
 jobs:
   build:
     image: builder:2026.%n%
+    cache:
+      key: %svc%-modules
+      paths: [.cache]
     script:
       - make build
-      - make image
+      - make image TAG=$SHA
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Alert after ten minutes instead of five", "Quieter warning alerts"],
    diffs: [
      [
        "helm:alerts.yaml",
        `
   - alert: %Svc%Warning
     expr: job:%pkg%_errors:ratio5m > 0.0%n%
-    for: 5m
+    for: 10m
     labels:
       severity: warning
       team: %svc%
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Update code owners of %svc%", "New owners for %noun% code"],
    diffs: [
      [
        ".github/CODEOWNERS",
        `
 /libs/ @shop/platform
-/deploy/%svc%/ @shop/sre
+/deploy/%svc%/ @shop/sre @shop/%svc%
 /docs/ @shop/everyone
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Staging gets its own %noun% queue", "Separate %noun% topic in staging"],
    diffs: [
      [
        "helm:values-staging.yaml",
        `
 env:
   PROFILE: staging
-  %NOUN%_TOPIC: shop.%nouns%
+  %NOUN%_TOPIC: staging.%nouns%
   LOG_LEVEL: debug
 
 replicas: 1
`,
      ],
    ],
  },
];
