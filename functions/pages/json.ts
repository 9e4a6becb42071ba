import type { EpochMs } from "../../shared/brands.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { Event } from "../../shared/incident/events.ts";
import { type Incident, type Message, partsOf } from "../../shared/incident/model.ts";
import type { Redeployment } from "../../shared/incident/remedies/redeployment.ts";
import { roundsBefore } from "../../shared/incident/rounds/earlier.ts";

/** The incident as others read it. Instants are ISO 8601. */
export const toJson = (incident: Incident, log: Event[]) => ({
  ...headOf(incident),
  ...findingsOf(incident),
  rounds: roundsOf(log),
  timeline: log.map((event) => ({ ...shown(event), at: iso(event.at) })),
});

const iso = (at: EpochMs): string => new Date(at).toISOString();

const headOf = (incident: Incident) => ({
  id: incident.id,
  service: incident.service,
  environment: incident.environment,
  status: incident.status,
  round: incident.round,
  ...("outcome" in incident ? { outcome: incident.outcome } : {}),
  ...("reason" in incident ? { reason: incident.reason } : {}),
  ...("detail" in incident ? { detail: incident.detail } : {}),
  ...("verdict" in incident ? { verdict: incident.verdict } : {}),
  ...("by" in incident ? { by: incident.by } : {}),
  ...("openedAt" in incident ? { openedAt: iso(incident.openedAt) } : {}),
  ...("endedAt" in incident ? { endedAt: iso(incident.endedAt) } : {}),
  ...("message" in incident && incident.message !== undefined
    ? { message: messageOf(incident.message) }
    : {}),
  ...("held" in incident && incident.held !== undefined ? { held: incident.held } : {}),
  ...("delay" in incident && incident.delay !== undefined ? { waiting: incident.delay } : {}),
  alerts: incident.alerts.map(({ startsAt, endsAt, ...alert }) => ({
    ...alert,
    startsAt: iso(startsAt),
    ...(endsAt === undefined ? {} : { endsAt: iso(endsAt) }),
  })),
});

/** The name of its picture is for Slack alone. */
const messageOf = ({ chart: _, ...message }: Message) => message;

const findingsOf = (incident: Incident) => {
  const { remedy, pull, approval, merge, deploy, followUp, fix, referral, origins, redeploy } =
    partsOf(incident);
  const diagnosis = diagnosisOf(incident);
  return {
    suspects: diagnosis?.suspects ?? [],
    ...(diagnosis === undefined ? {} : { none: diagnosis.none, remedies: diagnosis.remedies }),
    ...(diagnosis?.flags === undefined ? {} : { flags: diagnosis.flags }),
    ...(diagnosis?.notes === undefined ? {} : { notes: diagnosis.notes }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(pull === undefined ? {} : { pull }),
    ...(approval === undefined ? {} : { approval }),
    ...(merge === undefined ? {} : { merge }),
    ...(deploy === undefined ? {} : { deploy }),
    ...(redeploy === undefined ? {} : { redeploy: redeployOf(redeploy) }),
    ...(followUp === undefined ? {} : { followUp }),
    ...("reland" in incident && incident.reland !== undefined ? { reland: incident.reland } : {}),
    ...(fix === undefined ? {} : { fix }),
    ...(referral === undefined ? {} : { waitsFor: referral.to }),
    ...(origins === undefined ? {} : { origins }),
    ...("lookAt" in incident && incident.lookAt !== undefined ? { lookAt: iso(incident.lookAt) } : {}),
    ...(incident.chain === undefined
      ? {}
      : { record: { facts: incident.chain.n, head: incident.chain.hash } }),
  };
};

/** Its id is for GitHub alone. */
const redeployOf = ({ sha, at, url, end }: Redeployment) => ({
  ...{ sha, at: iso(at) },
  ...(url !== undefined && { url }),
  ...(end && { end: { ...end, at: iso(end.at) } }),
});

/** The name of a question is for its buttons, and that of a redeploy for GitHub. */
const shown = (event: Event) => {
  if (event.type === "RedeployBegun") {
    const { id: _, ...rest } = event;
    return rest;
  }
  if (event.type !== "ApprovalRequested" || event.terms === undefined) return event;
  const { nonce: _, ...terms } = event.terms;
  return { ...event, terms };
};

/** Each round before this one: when, what came of it, and its pull request. */
const roundsOf = (log: Event[]) => roundsBefore(log, Number.POSITIVE_INFINITY).slice(0, -1).map(roundOf);

const roundOf = (incident: Incident) => {
  const { pull, diagnosis, approval, merge } = partsOf(incident);
  const [first] = diagnosis?.suspects ?? [];
  return {
    round: incident.round,
    status: incident.status,
    ...("openedAt" in incident && { openedAt: iso(incident.openedAt) }),
    ...("endedAt" in incident && { endedAt: iso(incident.endedAt) }),
    ...("outcome" in incident && { outcome: incident.outcome }),
    ...("reason" in incident && { reason: incident.reason }),
    ...("detail" in incident && incident.detail !== undefined && { detail: incident.detail }),
    ...("verdict" in incident && { verdict: incident.verdict }),
    ...("by" in incident && { by: incident.by }),
    ...(approval !== undefined && { approvedBy: approval.by }),
    ...(merge !== undefined && { merge: { sha: merge.sha, by: merge.by } }),
    ...(first !== undefined && { suspect: { sha: first.sha, title: first.title, url: first.url } }),
    ...(pull !== undefined && { pull: { number: pull.number, url: pull.url } }),
  };
};
