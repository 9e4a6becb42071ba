import { alertmanagerAlerts } from "../../../shared/adapters/alertmanager/active-alerts.ts";
import { alertmanagerPages } from "../../../shared/adapters/alertmanager/page.ts";
import { alertmanagerSilences } from "../../../shared/adapters/alertmanager/silences.ts";
import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { pagerdutyPages, pagerdutyUrl } from "../../../shared/adapters/pagerduty/pagerduty.ts";
import { webhookPages } from "../../../shared/adapters/webhook/webhook.ts";
import type { Config } from "../../../shared/config.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { ActiveAlerts } from "../../../shared/ports/active-alerts.ts";
import type { Page, PageTarget, Paging } from "../../../shared/ports/paging.ts";
import type { Silences } from "../../../shared/ports/silences.ts";
import { ConfigurationError } from "../errors.ts";

/** Where people are called and alerts are silenced, as the environment says it. */
export type PagingSettings = {
  alertmanager?: { url: string; token?: string };
  pagerduty?: { url?: string; routingKey: string };
  /** The bearer token of pages that go to a webhook. */
  webhookToken?: string;
};

type Variable =
  | "ALERTMANAGER_URL"
  | "ALERTMANAGER_API_TOKEN"
  | "PAGERDUTY_ROUTING_KEY"
  | "PAGERDUTY_URL"
  | "PAGE_WEBHOOK_TOKEN";

export const pagingSettings = (given: Partial<Record<Variable, string | undefined>>): PagingSettings => {
  const { ALERTMANAGER_URL: url, ALERTMANAGER_API_TOKEN: token } = given;
  const { PAGERDUTY_ROUTING_KEY: routingKey, PAGERDUTY_URL: pagerduty, PAGE_WEBHOOK_TOKEN: webhook } = given;
  return {
    ...(url && { alertmanager: { url, ...(token && { token }) } }),
    ...(routingKey && { pagerduty: { routingKey, ...(pagerduty && { url: pagerduty }) } }),
    ...(webhook && { webhookToken: webhook }),
  };
};

type Pages = { raise(page: Page): Promise<void>; resolve(page: Page): Promise<void> };

/** Calls people where a service's policy says it. */
export const pagingOf = (settings: PagingSettings, clock: () => number): Paging => {
  const to = (target: PageTarget): Pages => pagesOf(settings, target, clock);
  return {
    raise: async (target, page) => to(target).raise(page),
    resolve: async (target, page) => to(target).resolve(page),
  };
};

const pagesOf = (settings: PagingSettings, target: PageTarget, clock: () => number): Pages => {
  if (typeof target === "object")
    return webhookPages({
      ...{ system: "webhook", url: target.webhook, fetch: observedFetch("webhook") },
      token: settings.webhookToken,
    });
  if (target === "pagerduty") {
    const { routingKey, url = pagerdutyUrl } = settings.pagerduty ?? missing("PAGERDUTY_ROUTING_KEY");
    return pagerdutyPages({ system: "pagerduty", url, fetch: observedFetch("pagerduty") }, routingKey);
  }
  return alertmanagerPages(upstreamOf(settings.alertmanager ?? missing("ALERTMANAGER_URL")), clock);
};

const upstreamOf = ({ url, token }: { url: string; token?: string }) => ({
  ...{ system: "alertmanager" as const, url, token, fetch: observedFetch("alertmanager") },
});

const missing = (name: string): never => {
  throw new UpstreamError("configuration", `${name} is not set, so nobody can be called`, {
    retryable: false,
  });
};

type Alertmanager = { silences?: Silences; activeAlerts?: ActiveAlerts };

/** Alertmanager's silences and alerts, where its address is known. */
export const alertmanagerOf = ({ alertmanager }: PagingSettings, clock: () => number): Alertmanager => {
  if (alertmanager === undefined) return {};
  const upstream = upstreamOf(alertmanager);
  return { silences: alertmanagerSilences(upstream, clock), activeAlerts: alertmanagerAlerts(upstream) };
};

/** Throws ConfigurationError when a service pages or silences where the environment gives no address. */
export const checkPaging = ({ services }: Config, settings: PagingSettings): void => {
  for (const { name, policy } of services) {
    if (
      (policy.page === "alertmanager" || policy.silenceMs !== undefined) &&
      settings.alertmanager === undefined
    )
      throw new ConfigurationError(`${name} pages or silences in Alertmanager: ALERTMANAGER_URL must be set`);
    if (policy.page === "pagerduty" && settings.pagerduty === undefined)
      throw new ConfigurationError(`${name} pages in PagerDuty: PAGERDUTY_ROUTING_KEY must be set`);
  }
};

/** Alertmanager's silences alone: the function that announces carries no reader of alerts. */
export const silencesOf = ({ alertmanager }: PagingSettings, clock: () => number): { silences?: Silences } =>
  alertmanager === undefined ? {} : { silences: alertmanagerSilences(upstreamOf(alertmanager), clock) };
