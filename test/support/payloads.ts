export const secrets = {
  alertmanager: "am-token",
  deploys: "deploy-token",
  operator: "operator-token",
  flags: "flags-token",
  github: "github-secret",
  slack: "slack-secret",
};

/** A click as Slack sends it. */
export const click = (
  actionId: string,
  user: string,
  value: { incident: string; round: number; head: string; nonce?: string; choice?: number },
) => ({
  type: "block_actions",
  user: { id: user, username: user.toLowerCase() },
  trigger_id: "t.1",
  container: { type: "message", channel_id: "C1", message_ts: "1.0" },
  actions: [{ action_id: actionId, block_id: "b", type: "button", value: JSON.stringify(value) }],
});

/** A v4 webhook as Alertmanager sends it. */
export const webhook = (
  alerts: {
    labels?: Record<string, string>;
    status?: string;
    fingerprint?: string;
    startsAt?: string;
    endsAt?: string;
  }[],
  over: object = {},
) => ({
  ...{
    version: "4",
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    status: "firing",
    receiver: "countersteer",
    groupLabels: {},
    commonLabels: {},
  },
  ...{ commonAnnotations: {}, externalURL: "http://am" },
  alerts: alerts.map(({ labels, ...alert }) => ({
    ...{
      status: "firing",
      annotations: {},
      startsAt: "1970-01-01T00:00:10Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "",
      fingerprint: "f1",
    },
    labels: { alertname: "PaymentErrorsHigh", service: "payment-gateway", ...labels },
    ...alert,
  })),
  ...over,
});
