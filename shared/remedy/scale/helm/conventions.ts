import type { Keys } from "./chart.ts";

/** The keys of a chart that many use, by the part of its objects' names that follows the release's. */
export type Convention = { charts: string[]; source: string; parts: { suffix: string; keys: Keys }[] };

type Part = Partial<Keys> & { at?: string; suffix?: string; scaled?: string };

/** Keys below `at`: `replicaCount` and, where `scaled` names it, a group with `enabled`, `minReplicas` and `maxReplicas`. */
const part = ({ at = "", suffix = at, scaled, ...more }: Part) => {
  const key = (name: string) => (at === "" ? name : `${at}.${name}`);
  const group = scaled === undefined ? {} : scalingIn(key(scaled));
  const named = Object.fromEntries(
    Object.entries(more).map(([name, value]) => [
      name,
      ["replicas", "min", "max", "enabled", "resources", "offUnless"].includes(name)
        ? key(String(value))
        : value,
    ]),
  );
  const base = { replicas: key("replicaCount"), resources: key("resources"), workload: "Deployment" };
  const keys: Keys = { ...base, scaler: "HorizontalPodAutoscaler", ...group, ...named };
  return { suffix, keys };
};
const scalingIn = (group: string) => ({
  enabled: `${group}.enabled`,
  min: `${group}.minReplicas`,
  max: `${group}.maxReplicas`,
});

const scaledByPart = (at: string) => part({ at, replicas: "replicas", scaled: "autoscaling" });

/** A chart whose values name its workloads: `controllers.NAME.replicas`. */
export const appTemplate = {
  chart: "app-template",
  source: "https://github.com/bjw-s-labs/helm-charts/blob/main/charts/library/common/values.yaml",
};

/** Taken from the default values of each chart, at `source`. A chart that is neither here nor in this table is not guessed. */
export const conventions: Convention[] = [
  {
    charts: ["ingress-nginx"],
    source: "https://github.com/kubernetes/ingress-nginx/blob/main/charts/ingress-nginx/values.yaml",
    parts: [
      part({ at: "controller", scaled: "autoscaling" }),
      part({
        at: "defaultBackend",
        suffix: "defaultbackend",
        scaled: "autoscaling",
        offUnless: "enabled",
      }),
    ],
  },
  {
    charts: ["nginx-ingress"],
    source: "https://github.com/nginx/kubernetes-ingress/blob/main/charts/nginx-ingress/values.yaml",
    parts: [part({ at: "controller", scaled: "autoscaling" })],
  },
  {
    charts: ["argo-cd"],
    source: "https://github.com/argoproj/argo-helm/blob/main/charts/argo-cd/values.yaml",
    parts: [
      part({ at: "server", replicas: "replicas", scaled: "autoscaling" }),
      part({ at: "repoServer", suffix: "repo-server", replicas: "replicas", scaled: "autoscaling" }),
      part({ at: "applicationSet", suffix: "applicationset-controller", replicas: "replicas" }),
      part({
        at: "controller",
        suffix: "application-controller",
        replicas: "replicas",
        workload: "StatefulSet",
      }),
    ],
  },
  {
    charts: ["kube-prometheus-stack"],
    source:
      "https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml",
    parts: [
      part({
        at: "prometheus.prometheusSpec",
        suffix: "prometheus",
        replicas: "replicas",
        workload: "StatefulSet",
      }),
      part({
        at: "alertmanager.alertmanagerSpec",
        suffix: "alertmanager",
        replicas: "replicas",
        workload: "StatefulSet",
      }),
      part({ at: "grafana", replicas: "replicas", scaled: "autoscaling" }),
    ],
  },
  {
    charts: ["grafana"],
    source: "https://github.com/grafana/helm-charts/blob/main/charts/grafana/values.yaml",
    parts: [part({ replicas: "replicas", scaled: "autoscaling" })],
  },
  {
    charts: ["loki"],
    source: "https://github.com/grafana/loki/blob/main/production/helm/loki/values.yaml",
    parts: [
      ...["read", "write", "backend", "gateway", "querier", "ingester", "distributor"].map(scaledByPart),
    ],
  },
  {
    charts: ["traefik"],
    source: "https://github.com/traefik/traefik-helm-chart/blob/master/traefik/values.yaml",
    parts: [part({ replicas: "deployment.replicas", scaled: "autoscaling" })],
  },
  {
    charts: ["cert-manager"],
    source: "https://github.com/cert-manager/cert-manager/blob/master/deploy/charts/cert-manager/values.yaml",
    parts: [part({}), part({ at: "webhook" }), part({ at: "cainjector" })],
  },
  {
    charts: ["external-secrets"],
    source:
      "https://github.com/external-secrets/external-secrets/blob/main/deploy/charts/external-secrets/values.yaml",
    parts: [part({}), part({ at: "webhook" }), part({ at: "certController", suffix: "cert-controller" })],
  },
  {
    charts: ["metrics-server"],
    source: "https://github.com/kubernetes-sigs/metrics-server/blob/master/charts/metrics-server/values.yaml",
    parts: [part({ replicas: "replicas" })],
  },
  {
    charts: ["karpenter"],
    source: "https://github.com/aws/karpenter-provider-aws/blob/main/charts/karpenter/values.yaml",
    parts: [part({ replicas: "replicas", resources: "controller.resources" })],
  },
  {
    charts: ["keda"],
    source: "https://github.com/kedacore/charts/blob/main/keda/values.yaml",
    parts: [
      part({ at: "operator" }),
      part({ at: "metricsServer", suffix: "metrics-apiserver" }),
      part({ at: "webhooks", suffix: "admission-webhooks" }),
    ],
  },
  {
    charts: ["istiod"],
    source:
      "https://github.com/istio/istio/blob/master/manifests/charts/istio-control/istio-discovery/values.yaml",
    parts: [
      part({ enabled: "autoscaleEnabled", onByDefault: true, min: "autoscaleMin", max: "autoscaleMax" }),
    ],
  },
  {
    charts: ["coredns"],
    source: "https://github.com/coredns/helm/blob/master/charts/coredns/values.yaml",
    parts: [part({ scaled: "hpa" })],
  },
  {
    charts: ["vault"],
    source: "https://github.com/hashicorp/vault-helm/blob/main/values.yaml",
    parts: [part({ replicas: "server.ha.replicas", resources: "server.resources", workload: "StatefulSet" })],
  },
  {
    charts: ["redis"],
    source: "https://github.com/bitnami/charts/blob/main/bitnami/redis/values.yaml",
    parts: [part({ at: "replica", suffix: "replicas", scaled: "autoscaling", workload: "StatefulSet" })],
  },
  {
    charts: ["aws-load-balancer-controller"],
    source: "https://github.com/aws/eks-charts/blob/master/stable/aws-load-balancer-controller/values.yaml",
    parts: [part({ scaled: "autoscaling" })],
  },
  {
    charts: ["opentelemetry-collector"],
    source:
      "https://github.com/open-telemetry/opentelemetry-helm-charts/blob/main/charts/opentelemetry-collector/values.yaml",
    parts: [part({ scaled: "autoscaling" })],
  },
  {
    charts: ["nginx", "apache", "keycloak", "wordpress", "tomcat", "rabbitmq"],
    source: "https://github.com/bitnami/charts/tree/main/bitnami",
    parts: [part({ scaled: "autoscaling" })],
  },
  {
    charts: ["cilium"],
    source: "https://github.com/cilium/cilium/blob/main/install/kubernetes/cilium/values.yaml",
    parts: [
      part({ at: "operator", replicas: "replicas" }),
      part({ at: "hubble.relay", suffix: "hubble-relay", replicas: "replicas" }),
      part({ at: "hubble.ui", suffix: "hubble-ui", replicas: "replicas" }),
    ],
  },
  {
    charts: ["reloader"],
    source:
      "https://github.com/stakater/Reloader/blob/master/deployments/kubernetes/chart/reloader/values.yaml",
    parts: [part({ replicas: "reloader.deployment.replicas", resources: "reloader.deployment.resources" })],
  },
  {
    charts: ["csi-driver-nfs"],
    source: "https://github.com/kubernetes-csi/csi-driver-nfs/blob/master/charts/latest/csi-driver-nfs",
    parts: [part({ at: "controller", replicas: "replicas" })],
  },
  {
    charts: ["harbor"],
    source: "https://github.com/goharbor/harbor-helm/blob/main/values.yaml",
    parts: ["core", "portal", "registry", "jobservice", "exporter"].map((at) =>
      part({ at, replicas: "replicas" }),
    ),
  },
  {
    charts: ["kyverno"],
    source: "https://github.com/kyverno/kyverno/blob/main/charts/kyverno/values.yaml",
    parts: [
      ["admissionController", "admission-controller"],
      ["backgroundController", "background-controller"],
      ["cleanupController", "cleanup-controller"],
      ["reportsController", "reports-controller"],
    ].map(([at = "", suffix = ""]) => part({ at, suffix, replicas: "replicas", scaled: "autoscaling" })),
  },
  {
    charts: ["tempo-distributed"],
    source: "https://github.com/grafana/helm-charts/blob/main/charts/tempo-distributed/values.yaml",
    parts: [
      ...["distributor", "ingester", "querier", "compactor", "gateway"].map(scaledByPart),
      part({ at: "queryFrontend", suffix: "query-frontend", replicas: "replicas", scaled: "autoscaling" }),
    ],
  },
  {
    charts: ["argo-workflows"],
    source: "https://github.com/argoproj/argo-helm/blob/main/charts/argo-workflows/values.yaml",
    parts: [
      part({ at: "server", replicas: "replicas", scaled: "autoscaling" }),
      part({ at: "controller", suffix: "workflow-controller", replicas: "replicas" }),
    ],
  },
  {
    charts: ["argo-rollouts"],
    source: "https://github.com/argoproj/argo-helm/blob/main/charts/argo-rollouts/values.yaml",
    parts: [
      part({ at: "controller", suffix: "", replicas: "replicas" }),
      part({ at: "dashboard", replicas: "replicas" }),
    ],
  },
  {
    charts: ["dex"],
    source: "https://github.com/dexidp/helm-charts/blob/master/charts/dex/values.yaml",
    parts: [part({ scaled: "autoscaling" })],
  },
  {
    charts: ["crossplane", "gatekeeper"],
    source: "https://github.com/crossplane/crossplane/blob/main/cluster/charts/crossplane/values.yaml",
    parts: [part({ replicas: "replicas" })],
  },
  {
    charts: ["oauth2-proxy"],
    source: "https://github.com/oauth2-proxy/manifests/blob/main/helm/oauth2-proxy/values.yaml",
    parts: [part({ scaled: "autoscaling" })],
  },
];
