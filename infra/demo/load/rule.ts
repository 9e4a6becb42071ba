import type { Rule } from "../monitor/rule.ts";

const hpa = 'horizontalpodautoscaler="payment-gateway"';

/** The alert about an autoscaler at its maximum, as in the rules that come with kube-prometheus. */
export const maxedOut: Rule = {
  group: "autoscaling",
  alert: "KubeHpaMaxedOut",
  expr: `kube_horizontalpodautoscaler_status_desired_replicas{${hpa}} == on (horizontalpodautoscaler, namespace) kube_horizontalpodautoscaler_spec_max_replicas{${hpa}}`,
  forMs: 2_000,
  labels: { service: "payment-gateway", environment: "production", severity: "warning" },
  annotations: {
    summary: "the autoscaler of payment-gateway wants all the pods it may have",
    description:
      "HPA payments/payment-gateway has been at its maximum; customers are turned away when more come.",
    runbook_url: "https://github.com/acme/payment-gateway/blob/main/docs/runbook.md",
  },
};

/** Payments that one pod carries a second, and that customers make on a usual day: 24 pods are busy. */
export const perPod = 1.25;
export const usual = 30;

const sum = (metric: string) => `sum(${metric}{namespace="payments"})`;

/** The traffic and the scaling rule of the service, as YAML. `for` is some seconds, for hours would be too long to watch. */
export const scalingRule = `    traffic: '${sum("ingress_demand")}'
    scaling:
      - match: ['alertname="KubeHpaMaxedOut"']
        target: HorizontalPodAutoscaler/payments/payment-gateway
        raise: max
        ceiling: 100
        for: 40s
        # How many times their capacity is asked for, a fifth to spare.
        load: '${sum("ingress_demand")} / ${sum("kube_deployment_status_replicas_ready")} / ${perPod} * 1.2'
        ready: '${sum("kube_deployment_status_replicas_ready")} / ${sum("kube_deployment_spec_replicas")} >= 1'
`;
