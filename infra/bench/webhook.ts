/** How many services the webhooks are about, in turn. */
export const services = 64;
const alertsEach = 10;
const day = 24 * 60 * 60 * 1000;

export const serviceName = (index: number): string => `service-${String(index % services).padStart(2, "0")}`;

/** Alertmanager webhooks of ten alerts, 8.7 KB each. Every call is the next one, of the next service, and every alert fires anew: none is a repeat. */
export const webhooks = (now: Date): (() => string) => {
  let sent = 0;
  let fired = 0;
  return () => {
    const service = serviceName(sent++);
    const alerts = Array.from({ length: alertsEach }, (_, pod) =>
      alert({ service, pod, at: now.getTime() - day + ++fired }),
    );
    return `{"receiver":"countersteer","status":"firing","alerts":[${alerts.join(",")}],${tail(service)}}`;
  };
};

const alert = ({ service, pod, at }: { service: string; pod: number; at: number }): string => {
  const hash = `${service.slice(-2)}${pod.toString(16).padStart(14, "0")}`;
  return JSON.stringify({
    status: "firing",
    labels: {
      alertname: "HighErrorRate",
      cluster: "prod-eu-1",
      container: service,
      environment: "production",
      instance: "10.42.7.113:8080",
      job: `kubernetes-pods/${service}`,
      namespace: "payments",
      pod: `${service}-${hash}`,
      service,
      severity: "critical",
      team: "payments",
    },
    annotations: {
      description: `The share of requests answered with a server error by ${service} has been above 5 % for five minutes; customers see errors when they pay.`,
      runbook_url: `https://runbooks.example.com/${service}/high-error-rate`,
      summary: `${service}: 5xx ratio above 5 %`,
    },
    startsAt: new Date(at).toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL:
      "http://prometheus.example.com/graph?g0.expr=sum%28rate%28http_requests_total%29%29&g0.tab=1&g0.range=1h",
    fingerprint: hash,
  });
};

const tail = (service: string): string =>
  JSON.stringify({
    groupLabels: { alertname: "HighErrorRate", service },
    commonLabels: { alertname: "HighErrorRate", environment: "production", service, severity: "critical" },
    commonAnnotations: {},
    externalURL: "http://alertmanager.example.com:9093",
    version: "4",
    groupKey: `{}:{alertname="HighErrorRate", service="${service}"}`,
    truncatedAlerts: 0,
  }).slice(1, -1);

/** The configuration that knows these services. */
export const config = (): string =>
  JSON.stringify({
    services: Array.from({ length: services }, (_, index) => ({
      name: serviceName(index),
      match: [`service="${serviceName(index)}"`],
      repository: "acme/payments",
      environments: ["production"],
      channel: "C0PAYMENTS",
    })),
  });
