import type { Field } from "../../../shared/remedy/scale/model.ts";

/** An object whose scale may be changed. `body` writes it with the value where it belongs; `pointer` is that place as a JSON pointer. */
export type Subject = {
  name: string;
  kind: string;
  group: string;
  field: Field;
  from: string;
  to: string;
  pointer: string;
  path: string;
  body: (value: string) => string;
  /** The strategic merge patch that sets it. */
  merge: (value: string) => string;
  /** Whether the value is a string in the manifest, whatever it looks like. */
  quoted?: boolean;
};

const container = (limits: string) => `spec:
  selector:
    matchLabels:
      app: api
  replicas: 3
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: shop/api:1
          resources:
            requests:
              cpu: 100m
              memory: 256Mi
            limits:
${limits}`;

const simple = (field: string, more: string) => (value: string) =>
  `spec:
${more}  ${field}: ${value} # asked for often
  other: 1
`;

const selector = `  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: shop/api:1
`;
const ref = `  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: api
`;

const workload = (kind: string, group: string): Subject => ({
  ...{ name: kind, kind, group, field: "replicas", from: "4", to: "6", pointer: "/spec/replicas" },
  path: "spec.replicas",
  body: (value) => `spec:\n  replicas: ${value} # by hand\n${selector}`,
  merge: (value) => `spec:\n  replicas: ${value}\n`,
});

const limit = (resource: "memory" | "cpu", from: string, to: string): Subject => ({
  ...{
    name: `Deployment ${resource} limit`,
    kind: "Deployment",
    group: "apps/v1",
    field: resource,
    from,
    to,
  },
  pointer: `/spec/template/spec/containers/0/resources/limits/${resource}`,
  path: `spec.template.spec.containers[0].resources.limits.${resource}`,
  body: (value) => container(`              ${resource}: ${value} # measured\n`),
  merge: (value) => `spec:
  template:
    spec:
      containers:
        - name: api
          resources:
            limits:
              ${resource}: ${value}
`,
});

export const subjects: Subject[] = [
  {
    ...{
      name: "HPA",
      kind: "HorizontalPodAutoscaler",
      group: "autoscaling/v2",
      field: "max",
      from: "50",
      to: "56",
    },
    ...{ pointer: "/spec/maxReplicas", path: "spec.maxReplicas" },
    body: simple("maxReplicas", `${ref}  minReplicas: 3\n`),
    merge: (value) => `spec:\n  maxReplicas: ${value}\n`,
  },
  {
    ...{
      name: "HPA minimum",
      kind: "HorizontalPodAutoscaler",
      group: "autoscaling/v2",
      field: "min",
      from: "5",
      to: "8",
    },
    ...{ pointer: "/spec/minReplicas", path: "spec.minReplicas" },
    body: simple("minReplicas", `${ref}  maxReplicas: 50\n`),
    merge: (value) => `spec:\n  minReplicas: ${value}\n`,
  },
  {
    ...{
      name: "ScaledObject",
      kind: "ScaledObject",
      group: "keda.sh/v1alpha1",
      field: "max",
      from: "20",
      to: "30",
    },
    ...{ pointer: "/spec/maxReplicaCount", path: "spec.maxReplicaCount" },
    body: simple("maxReplicaCount", "  scaleTargetRef:\n    name: api\n  minReplicaCount: 2\n"),
    merge: (value) => `spec:\n  maxReplicaCount: ${value}\n`,
  },
  {
    ...{
      name: "Knative Service",
      kind: "Service",
      group: "serving.knative.dev/v1",
      field: "max",
      from: "10",
      to: "15",
    },
    pointer: "/spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale",
    path: "spec.template.metadata.annotations.autoscaling.knative.dev/max-scale",
    quoted: true,
    body: (value) => `spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "2"
        autoscaling.knative.dev/max-scale: ${value} # strings
    spec:
      containers:
        - image: shop/api:1
`,
    merge: (value) => `spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/max-scale: ${value}
`,
  },
  {
    ...{
      name: "VPA",
      kind: "VerticalPodAutoscaler",
      group: "autoscaling.k8s.io/v1",
      field: "memory",
      from: "2Gi",
      to: "3Gi",
    },
    pointer: "/spec/resourcePolicy/containerPolicies/0/maxAllowed/memory",
    path: "spec.resourcePolicy.containerPolicies[0].maxAllowed.memory",
    body: (value) => `spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: api
  resourcePolicy:
    containerPolicies:
      - containerName: "*"
        minAllowed:
          memory: 256Mi
        maxAllowed:
          cpu: 2
          memory: ${value} # node size
`,
    merge: (value) => `spec:
  resourcePolicy:
    containerPolicies:
      - containerName: "*"
        minAllowed:
          memory: 256Mi
        maxAllowed:
          cpu: 2
          memory: ${value}
`,
  },
  {
    ...{
      name: "NodePool",
      kind: "NodePool",
      group: "karpenter.sh/v1",
      field: "cpu",
      from: "1000",
      to: "1500",
    },
    ...{ pointer: "/spec/limits/cpu", path: "spec.limits.cpu" },
    body: (value) => `spec:\n  limits:\n    cpu: ${value} # cores\n    memory: 4000Gi\n`,
    merge: (value) => `spec:\n  limits:\n    cpu: ${value}\n`,
  },
  workload("Deployment", "apps/v1"),
  workload("StatefulSet", "apps/v1"),
  workload("Rollout", "argoproj.io/v1alpha1"),
  limit("memory", "512Mi", "768Mi"),
  limit("cpu", "500m", "800m"),
];
