import { type Page, unresolvedAlert } from "../../ports/paging.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";

/** The end of the alert when nobody resolves it before, as Alertmanager needs one. */
const firesMs = 12 * 60 * 60_000;

/** Posts the page as an alert, so that people's own routes decide who is called (https://prometheus.io/docs/alerting/latest/clients/). */
export const alertmanagerPages = (upstream: Upstream, clock: () => number) => {
  const post = (page: Page, endsAt: number) =>
    sendJson(upstream, { method: "POST", path: "/api/v2/alerts", body: [alertOf(page, endsAt)] });
  return {
    raise: async (page: Page): Promise<void> => void (await post(page, clock() + firesMs)),
    resolve: async (page: Page): Promise<void> => void (await post(page, clock())),
  };
};

const alertOf = ({ key, service, environment, summary, detail, url, since }: Page, endsAt: number) => ({
  labels: { alertname: unresolvedAlert, service, environment, incident: key, severity: "critical" },
  annotations: { summary, description: detail },
  startsAt: new Date(since).toISOString(),
  endsAt: new Date(endsAt).toISOString(),
  generatorURL: url,
});
