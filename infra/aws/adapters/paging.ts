import type { Paging } from "../../../shared/ports/paging.ts";
import type { Silences } from "../../../shared/ports/silences.ts";
import { pagingOf, pagingSettings, silencesOf } from "../../host/adapters/paging.ts";
import type { Host } from "../host.ts";

/** The systems that call people and silence alerts. */
export const pagingPorts = ({
  env,
  secret,
  clock,
  stands,
}: Host): { paging: Paging; silences?: Silences } => {
  if (stands?.paging !== undefined) return { paging: stands.paging };
  const settings = pagingSettings({
    ALERTMANAGER_URL: env.ALERTMANAGER_URL,
    PAGERDUTY_URL: env.PAGERDUTY_URL,
    ALERTMANAGER_API_TOKEN: secret("ALERTMANAGER_API_TOKEN"),
    PAGERDUTY_ROUTING_KEY: secret("PAGERDUTY_ROUTING_KEY"),
    PAGE_WEBHOOK_TOKEN: secret("PAGE_WEBHOOK_TOKEN"),
  });
  return { paging: pagingOf(settings, clock), ...silencesOf(settings, clock) };
};
