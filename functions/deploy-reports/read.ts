import { argocd } from "../../shared/adapters/deploys/argocd.ts";
import { cdevents } from "../../shared/adapters/deploys/cdevents.ts";
import { type CloudEvent, cloudEvents } from "../../shared/adapters/deploys/cloudevents.ts";
import { flux } from "../../shared/adapters/deploys/flux.ts";
import { jenkins } from "../../shared/adapters/deploys/jenkins.ts";
import { postedRollout } from "../../shared/adapters/deploys/kubernetes/rollout.ts";
import { isTekton, tekton } from "../../shared/adapters/deploys/tekton.ts";
import { has } from "../../shared/adapters/deploys/told.ts";
import { toJson } from "../../shared/adapters/http/json.ts";
import { BadRequest } from "../../shared/errors.ts";
import type { Told } from "../../shared/ports/deployers.ts";

/** The content of a request: deploys by the tools' own names, a report in our own form, or an event of a batch that cannot be read. */
export type Said = { told: Told[] } | { report: unknown } | { problem: string };

/** The contents of a request, by the shape of each sender. `isBatch`: it is answered by a list. Throws BadRequest. */
export const readSaid = (headers: Headers, body: Uint8Array): { said: Said[]; isBatch: boolean } => {
  const events = cloudEvents(headers, body);
  if (events !== undefined) {
    const isBatch = headers.get("content-type")?.toLowerCase().startsWith("application/cloudevents-batch");
    return {
      said: events.map((one) => ("event" in one ? saidBy(one.event, isBatch) : one)),
      isBatch: isBatch === true,
    };
  }
  const json = toJson(body);
  const told = ofData(json);
  return { said: [told === undefined ? { report: json } : { told }], isBatch: false };
};

const isReport = (data: unknown): boolean =>
  has(data, "service", "environment") && ["sha", "commit", "image"].some((key) => has(data, key));

const ofData = (json: unknown): Told[] | undefined =>
  argocd(json) ?? flux(json) ?? jenkins(json) ?? cdevents(json) ?? postedRollout(json);

/** Data that is broken refuses its event, and not the batch. */
const saidBy = (event: CloudEvent, isBatch: boolean | undefined): Said => {
  try {
    if (isTekton(event)) return { told: tekton(event) };
    const told = ofData(event.data);
    if (told !== undefined) return { told };
    // An event of a type of one's own may carry a report.
    return isReport(event.data) ? { report: event.data } : { told: [] };
  } catch (error) {
    if (!(error instanceof BadRequest) || isBatch !== true) throw error;
    return { problem: error.message };
  }
};
