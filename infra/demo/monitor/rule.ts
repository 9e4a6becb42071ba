/** The one alerting rule of the demo, for the real Prometheus and for the built-in monitor alike. */
export type Rule = {
  group: string;
  alert: string;
  expr: string;
  /** How long the expression must hold before the alert fires. */
  forMs: number;
  labels: Record<string, string>;
  /** Templates: `{{ $labels.x }}` and `{{ $value | humanizePercentage }}`. */
  annotations: Record<string, string>;
};

/** How often the service is scraped and the rule evaluated. */
export const intervalMs = 1_000;
/** Labels that make alerts one notification. */
export const groupBy = ["alertname", "service"];
/** How long a new group waits for more alerts before it is sent. */
export const groupWaitMs = 1_000;

const payments = 'http_requests_total{service="payment-gateway",route="/payments"';

export const rule: Rule = {
  group: "payments",
  alert: "PaymentErrorsHigh",
  expr: [
    `sum by (service, currency) (rate(${payments},code=~"5.."}[5s]))`,
    `sum by (service, currency) (rate(${payments}}[5s])) > 0.05`,
  ].join(" / "),
  forMs: 1_000,
  labels: { environment: "production", severity: "critical" },
  annotations: {
    summary: "{{ $value | humanizePercentage }} of the {{ $labels.currency }} payments fail",
    description:
      "{{ $value | humanizePercentage }} of the {{ $labels.currency }} payments at {{ $labels.service }} end in a 5xx. " +
      "One currency alone points at its conversion, all of them at the acquirer.",
    runbook_url: "https://github.com/acme/payment-gateway/blob/main/docs/runbook.md#paymenterrorshigh",
  },
};

/** Fills the two template actions that the rule uses, as Prometheus does. */
export const expand = (template: string, labels: Record<string, string>, value: number): string =>
  template
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? "")
    .replace(/\{\{ \$value \| humanizePercentage \}\}/g, `${Number((value * 100).toPrecision(4))}%`);
