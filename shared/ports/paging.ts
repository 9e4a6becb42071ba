import type { EpochMs } from "../brands.ts";

/** The target of a page: Alertmanager and its routes, PagerDuty, or a webhook. */
export type PageTarget = "alertmanager" | "pagerduty" | { webhook: string };

/** The name of the alert that pages. An alert of this name never opens an incident. */
export const unresolvedAlert = "CountersteerUnresolved";

/** Why a person must come now. All text is raw. `key` is the same for every raise and the resolve of one trouble. */
export type Page = {
  key: string;
  service: string;
  environment: string;
  summary: string;
  detail: string;
  /** The incident's page. */
  url?: string;
  since: EpochMs;
};

/** Reaches people outside chat. Every method throws UpstreamError. */
export interface Paging {
  /** Raising a page again changes nothing. */
  raise(target: PageTarget, page: Page): Promise<void>;
  /** Resolving a page that was never raised, or is resolved, changes nothing. */
  resolve(target: PageTarget, page: Page): Promise<void>;
}
