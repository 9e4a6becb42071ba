import { type Page, unresolvedAlert } from "../../ports/paging.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";

/** PagerDuty's address for events; its European one is https://events.eu.pagerduty.com. */
export const pagerdutyUrl = "https://events.pagerduty.com";
/** Its limit on the summary, in characters: https://developer.pagerduty.com/docs/send-alert-event */
const maxSummary = 1024;

/** Triggers and resolves an alert by Events API v2. The same key is the same alert, however often it is triggered. */
export const pagerdutyPages = (upstream: Upstream, routingKey: string) => {
  const enqueue = (body: object) =>
    sendJson(upstream, { method: "POST", path: "/v2/enqueue", body: { routing_key: routingKey, ...body } });
  return {
    raise: async (page: Page): Promise<void> =>
      void (await enqueue({
        ...{ event_action: "trigger", dedup_key: keyOf(page), client: "Countersteer" },
        ...(page.url !== undefined && { client_url: page.url }),
        payload: {
          summary: page.summary.slice(0, maxSummary),
          source: `${page.service}/${page.environment}`,
          severity: "critical",
          timestamp: new Date(page.since).toISOString(),
          component: page.service,
          group: page.environment,
          class: unresolvedAlert,
          custom_details: { detail: page.detail },
        },
        links: page.url === undefined ? [] : [{ href: page.url, text: "Incident" }],
      })),
    resolve: async (page: Page): Promise<void> =>
      void (await enqueue({ event_action: "resolve", dedup_key: keyOf(page) })),
  };
};

const keyOf = ({ key }: Page): string => `countersteer:${key}`.slice(0, 255);
