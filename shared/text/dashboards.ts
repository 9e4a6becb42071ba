import type { Alert } from "../incident/model.ts";
import type { Panel } from "../ports/annotations.ts";

/** A page of a dashboard, and the panel that it shows. */
export type DashboardPage = Panel & { url: string };

/**
 * The dashboard or panel that an alert of Grafana names, the first of these alerts that has one. Any sender could write an address, so
 * only one below the configured `base` counts.
 */
export const dashboardOf = (
  alerts: Pick<Alert, "annotations">[],
  base: string,
): DashboardPage | undefined => {
  const named = alerts.flatMap(({ annotations }) => [annotations.panelURL, annotations.dashboardURL]);
  for (const address of named) {
    const found = pageOf(address ?? "", base);
    if (found !== undefined) return found;
  }
  return undefined;
};

const pageOf = (address: string, base: string): DashboardPage | undefined => {
  const [url, own] = [URL.parse(address), URL.parse(base)];
  if (url === null || own === null || url.origin !== own.origin) return undefined;
  const folder = own.pathname.replace(/\/+$/, "");
  if (!url.pathname.startsWith(`${folder}/`) || url.username !== "" || url.password !== "") return undefined;
  const [, dashboard] = /^\/d\/([\w-]{1,100})(?:\/|$)/.exec(url.pathname.slice(folder.length)) ?? [];
  if (dashboard === undefined) return undefined;
  const [, panel] = /^(?:panel-)?(\d{1,9})$/.exec(url.searchParams.get("viewPanel") ?? "") ?? [];
  return { url: url.href, dashboard, ...(panel !== undefined && { panel: Number(panel) }) };
};
