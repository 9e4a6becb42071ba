import type { Incident } from "../../shared/incident/model.ts";
import { needsPage } from "../../shared/incident/schedule/deadline.ts";
import type { Page } from "../../shared/ports/paging.ts";
import { alertLines } from "../../shared/text/chat-message.ts";
import { headline } from "../../shared/text/timeline.ts";
import type { Work } from "../step.ts";
import { isConfigured } from "../stop/hold.ts";

/** Calls a person while the incident asks for it, and resolves the call once the trouble has ended. Repeating it changes nothing. */
export const tellPage = async (work: Work, incident: Incident): Promise<void> => {
  const { paging, serviceOf } = work;
  if (incident.page === undefined || paging === undefined) return;
  if (!isConfigured(serviceOf, incident.service)) return;
  const { page: target } = serviceOf(incident.service).policy;
  if (target === undefined) return;
  const page = pageOf(work, { ...incident, page: incident.page });
  await (needsPage(incident) ? paging.raise(target, page) : paging.resolve(target, page));
};

const pageOf = (work: Work, incident: Incident & { page: NonNullable<Incident["page"]> }): Page => {
  const { id, service, environment, page } = incident;
  const url = work.pageOf(id);
  return {
    ...{ key: id, service, environment, since: page.since },
    ...(url !== undefined && { url }),
    summary: `${service} in ${environment} – ${page.detail}`,
    detail: [headline(incident), ...alertLines(incident)].join("\n"),
  };
};
