import type { Vote } from "../incident/approval/votes.ts";
import { flagText, likeliestFlag } from "../incident/diagnosis/flags.ts";
import type { Event, EventOf } from "../incident/events.ts";
import {
  type Alert,
  type Diagnosis,
  type Held,
  type In,
  type Incident,
  isKept,
  type Outcome,
  type Remedy,
  type Revert,
  type Suspect,
} from "../incident/model.ts";
import { unmergedRedeploy } from "../incident/remedies/redeploy.ts";
import type { Redeploy, RedeployEnd } from "../incident/remedies/redeployment.ts";
import { endedBy, endText, escalationText, withVerdict } from "./ends.ts";
import { clock, percent, personName, short } from "./format.ts";

/** One fact as a person reads it. The text is raw: each sink encodes it. `links` are shown where a sink can show them. */
export type TimelineEntry = { title: string; text: string; links?: Link[] };
export type Link = { text: string; url: string };

/** The repository of a suspect outside the service's own, as the end of a sentence. */
export const whereabouts = ({ in: where, of, own }: Pick<Suspect, "in" | "of" | "own">): string => {
  if (own !== undefined) return `, our own pull request #${own.pull}`;
  if (of !== undefined) return `, of ${of.service} in ${of.repository}`;
  return where === "gitops" ? ", in the GitOps repository" : "";
};

/** The effect of a remedy, as the rest of a sentence. */
export const doing = (remedy: Remedy): string => {
  if (remedy.kind === "scale") return remedy.title;
  if (remedy.kind === "withdraw")
    return `put “${remedy.title}” back, as pull request #${remedy.pull} did not help`;
  const { sha, from, title, first } = remedy;
  if (first !== undefined) return `redeploy ${deployName(first)}, then ${doing(withoutFirst(remedy))}`;
  if (from === undefined)
    return `revert ${short(sha)} “${title}”${remedy.in === "gitops" ? ` in ${remedy.repository ?? "the GitOps repository"}` : ""}`;
  return `revert everything since ${short(from)}, up to ${short(sha)} “${title}”`;
};
/** The deploy that is put back, by the name that people know it by. */
export const deployName = ({ version, sha }: Pick<Redeploy, "version" | "sha">): string =>
  version ?? short(sha);

const withoutFirst = ({ first: _, ...remedy }: Revert): Revert => remedy;

/** The follow-up of a merged rollback, as sentences. */
export const behindText = ({ behind }: Pick<Revert, "behind">): string[] =>
  behind === undefined
    ? []
    : [
        `the commit behind it, ${short(behind.sha)} “${behind.title}”, gets a revert pull request of its own once this is merged`,
      ];
const followed = (remedy: Remedy, url: string): string =>
  remedy.kind !== "revert"
    ? `the temporary raise has ended; pull request ${url} would ${remedy.title}; its reviewers decide`
    : `pull request ${url} reverts the commit behind it, ${short(remedy.sha)} “${remedy.title}”; its reviewers decide`;
const kinds = { revert: "Revert", scale: "Scaling", withdraw: "Withdrawal" } as const satisfies Record<
  Remedy["kind"],
  string
>;

/** The sentence for an event, or undefined for those that are nobody's news and those of a later release. */
export const timelineEntry = (event: Event): TimelineEntry | undefined => entryBy(event.type, event);

const entryBy = <T extends Event["type"]>(type: T, event: EventOf<T>): TimelineEntry | undefined =>
  entries[type]?.(event);

const entries: { [T in Event["type"]]: (event: EventOf<T>) => TimelineEntry | undefined } = {
  IncidentOpened: (event) => ({ title: "Incident opened", text: `${names(event.alerts)} firing` }),
  AlertsJoined: (event) => {
    if (event.again) return undefined;
    return {
      title: "More alerts",
      text: `${names(event.alerts)} joined${event.full ? ", as no more troubles may be open beside this one" : ""}`,
    };
  },
  AlertsResolved: (event) => ({ title: "Resolved by Alertmanager", text: `${names(event.alerts)} resolved` }),
  IncidentDiagnosed: (event) => ({ title: "Diagnosed", text: verdict(event.diagnosis) }),
  LookPostponed: (event) => ({
    title: "Looked once",
    text: `${verdict(event.diagnosis)}; ${event.detail}${event.lookAt === undefined ? "" : `; looking again at ${minuteOf(event.lookAt)}`}`,
  }),
  DiagnosisRevised: (event) =>
    event.changes.length === 0
      ? undefined
      : {
          title: "Diagnosed again",
          text: `${event.changes.join("; ")}${event.replace ? "; the pull request gives way to another" : ""}`,
        },
  FixFound: (event) => ({
    title: event.fix.kind === "deploy" ? "Not in what runs now" : "People did it themselves",
    text: event.fix.detail,
  }),
  IncidentReferred: (event) => ({
    title: "Waits for another incident",
    text: `${event.detail}; waiting for ${event.to}`,
  }),
  ReferralReturned: (event) => ({ title: "Asked of its own people", text: event.detail }),
  ReferralSettled: (event) => ({
    title: "The other incident is over",
    text: `${event.detail}; checking that the trouble is over`,
  }),
  OriginJoined: (event) => ({ title: "Counted on", text: `${event.origin} waits for this incident` }),
  TroubleSeparated: (event) => ({
    title: "Another trouble",
    text: `${event.names === undefined ? "" : `${event.names.join(", ")}: `}a trouble of its own is open beside this one, as number ${event.trouble}`,
  }),
  RemedyProposed: (event) => ({
    title: `${kinds[event.remedy.kind]} proposed`,
    text: `pull request #${event.pull.number} would ${doing(event.remedy)}`,
  }),
  RemedyChosen: (event) => ({
    title: "Another remedy chosen",
    text: `by ${personName(event.by)}: ${doing(event.remedy)}`,
  }),
  RemedyRuledOut: (event) => ({
    title: "Ruled out",
    text: `“${event.remedy.title}” by ${personName(event.by)}; its pull request is closed`,
  }),
  QuestionSnoozed: (event) => ({
    title: "Snoozed",
    text: `by ${personName(event.by)}; people are asked again at ${minuteOf(event.until)} UTC`,
  }),
  SnoozeEnded: () => ({
    title: "Your decision is needed",
    text: "the snooze is over; please answer on the message above",
  }),
  LookRequested: (event) => ({ title: "Another look", text: `asked for by ${personName(event.by)}` }),
  ApprovalRequested: (event) => requested(event),
  RemedyApproved: (event) => ({
    title: "Approved",
    text: `by ${personName(event.by)}, for exactly ${short(event.head)}${doors(event.votes)}`,
  }),
  ApprovalGiven: (event) => ({
    title: "One approval",
    text: `by ${personName(event.vote.by)}${doors([event.vote])}; still needed: ${event.missing.join(", ")}`,
  }),
  ApprovalTakenBack: (event) => ({
    title: "Approval taken back",
    text: `by ${personName(event.by)}: ${event.detail}`,
  }),
  CommandAnswered: (event) => ({ title: `To ${personName(event.by)}`, text: event.text }),
  ApprovalVoided: (event) => ({
    title: "Asked again",
    text: event.overtaken ? `no approval counts any more; ${event.detail}` : withoutApproval(event),
  }),
  RemedyMerged: (event) => merged(event),
  RedeployBegun: (event) => ({
    title: "Putting the last good deploy back",
    text: `${short(event.sha)}, by ${event.tool}; the revert follows`,
  }),
  RedeployStarted: (event) => ({
    title: "The redeploy runs",
    text: `as run ${event.run}`,
    links: [{ text: "The run", url: event.url }],
  }),
  RedeployEnded: (event) => ({
    title: redeployEnds[event.how],
    text: event.how === "held_back" ? event.detail : `${event.detail}; the revert goes on`,
  }),
  CulpritReturned: (event) => ({ title: "The culprit comes back", text: event.detail }),
  ReturnProposed: (event) => ({
    title: "The culprit would come back",
    text: event.detail,
    links: [{ text: "The pull request", url: event.url }],
  }),
  AttemptRefused: (event) => ({
    title: "Refused",
    text: `${personName(event.by)} tried to ${event.attempt}: ${event.detail} (${event.code})`,
  }),
  PolicyDecided: (event) => ({ title: "Policy server", text: decisionText(event) }),
  MergeArmed: (event) => ({
    title: event.how === "queue" ? "Into the merge queue" : "GitHub merges it by itself",
    text: event.detail,
  }),
  MergeDisarmed: (event) => ({ title: "Taken back from GitHub", text: event.detail }),
  RemedyDeployed: (event) => {
    if (event.behind)
      return {
        title: "The revert is live",
        text: `${short(event.sha)}, which holds it, is deployed after the version that was put back`,
      };
    if (event.again) return { title: "Live again", text: `${short(event.sha)}, which holds it, is deployed` };
    return { title: "Live", text: `${short(event.sha)} is deployed; checking that the trouble is over` };
  },
  RemedyIneffective: (event) => ({
    title: "It did not help",
    text: `${event.detail}; it is diagnosed again with what was learned`,
  }),
  RemedyWithdrawn: () => ({
    title: "Put back",
    text: "what did not help is undone; the next remedy is proposed",
  }),
  IncidentResumed: (event) => ({ title: "Goes on", text: event.detail }),
  FollowingEnded: () => ({ title: "No longer followed", text: "nothing more is done about it by itself" }),
  PullLeftOpen: (event) => ({
    title: "Close it by hand",
    text: `nobody needs pull request #${event.number} any more, and GitHub refuses to close it (${event.detail})`,
    links: [{ text: "The pull request", url: event.url }],
  }),
  FixNotLive: (event) => ({ title: event.failed ? "Deploy failed" : "Not live", text: event.detail }),
  FollowUpOpened: (event) => ({ title: "Follow-up", text: followed(event.remedy, event.pull.url) }),
  FollowUpRefused: (event) => ({
    title: "Follow-up not opened",
    text:
      event.remedy.kind !== "revert"
        ? `${event.remedy.title} (${event.detail}); a person decides`
        : `${short(event.remedy.sha)} “${event.remedy.title}”, the commit behind it, is for a person (${event.detail})`,
  }),
  RelandRequested: (event) => ({
    title: "Re-land asked for",
    text: `by ${personName(event.by)}, who wants the change back; it is opened next`,
  }),
  RelandOpened: (event) => ({
    title: "Re-land draft",
    text: `pull request ${event.pull.url} brings the change back, for its author to mend; its reviewers decide`,
  }),
  RelandRefused: (event) => ({ title: "No re-land draft", text: event.detail }),
  ScaleEnded: () => ({ title: "Temporary raise ended", text: "a pull request sets it back next" }),
  RemedyOutdated: (event) => ({
    title: "Opened anew",
    text: withoutApproval(event),
  }),
  StepDelayed: (event) => ({
    title: "Waiting",
    text: event.verdict === undefined ? event.detail : withVerdict(event),
  }),
  IncidentHeld: (event) => ({ title: holds[event.by], text: event.detail }),
  IncidentReleased: (event) => ({ title: "Goes on", text: event.detail }),
  DeadlineNeared: (event) => ({
    title: "Time runs out",
    text: `${percent(event.share)} of the time is over; it is to be verified by ${clock(event.deadline)} UTC`,
  }),
  PageRequested: (event) => ({ title: "A person is paged", text: event.detail }),
  IncidentClosed: (event) => ({
    title: outcomes[event.outcome],
    text: endText(endedBy(event), event.verdict),
  }),
  IncidentEscalated: (event) => ({ title: "Needs a person", text: escalationText(event) }),
  MessagePosted: () => undefined,
  RoundTold: () => undefined,
  QuestionsRecorded: () => undefined,
};

const withoutApproval = ({ detail, unapproved }: EventOf<"ApprovalVoided" | "RemedyOutdated">): string =>
  unapproved ? detail : `${detail}; whatever was approved no longer counts`;

const answers = {
  allowed: "allows it",
  refused: "does not allow it",
  more_approvals: "asks for more approvals",
  undecided: "decided nothing",
} as const;

/** The policy server's answer, for people and for those who look its decision up. */
const decisionText = ({ moment, code, decision, detail }: EventOf<"PolicyDecided">): string =>
  [
    `asked before the ${moment}, it ${answers[code]}`,
    ...(decision === undefined ? [] : [`decision ${decision}`]),
    ...(detail === undefined ? [] : [detail]),
  ].join("; ");

const merged = ({ sha, by, differs }: EventOf<"RemedyMerged">): TimelineEntry =>
  differs === undefined
    ? { title: "Merged", text: `as ${short(sha)} by ${by}; waiting for it to go live` }
    : {
        title: "Merged, and not as approved",
        text: `as ${short(sha)} by ${by}: ${differs}; look at it, and revert ${short(sha)} to object`,
      };

const redeployEnds: Record<RedeployEnd, string> = {
  live: "The last good deploy is live again",
  ran: "The redeploy has run",
  failed: "The redeploy failed",
  unknown: "The end of the redeploy is not known",
  held_back: "The redeploy was held back",
  left_out: "No redeploy",
};

const requested = ({ asked, link, terms }: EventOf<"ApprovalRequested">): TimelineEntry => ({
  title: "Approval requested",
  text: [
    asked === undefined
      ? "the people responsible were asked in Slack"
      : `asked in Slack: ${asked.join(", ")}`,
    ...(terms?.gates ? [`GitHub asks for ${terms.gates.join(", ")}`] : []),
  ].join("; "),
  ...(link !== undefined && { links: [{ text: "The Slack thread", url: link }] }),
});
export const holds = {
  stop: "Stopped",
  github: "On hold",
  cause: "One cause for many services",
} as const;

/** The place of an approval that was not given in Slack. */
const doors = (votes: Vote[] = []): string => {
  if (votes.some(({ door }) => door === "github")) return ", on GitHub";
  return votes.some(({ door }) => door === "page") ? ", on the page" : "";
};

const outcomes: Record<Outcome, string> = {
  verified: "Verified, the trouble is over",
  recovered: "Recovered",
  recovered_by_people: "Recovered, people put it right",
  rejected: "Rejected",
  withdrawn: "Withdrawn",
  abandoned: "Given up, this service is no longer configured",
  observed: "Diagnosed only, this service is in observe mode",
};

const names = (alerts: Alert[]): string => {
  const counts = new Map<string, number>();
  for (const { name } of alerts) counts.set(name, (counts.get(name) ?? 0) + 1);
  const named = [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`));
  if (named.length <= namesShown) return named.join(", ");
  return `${named.slice(0, namesShown - 1).join(", ")} and ${named.length - namesShown + 1} more`;
};
/** A storm of forty alerts is one line of the timeline: the page lists them beside it. */
const namesShown = 6;

const verdict = (diagnosis: Diagnosis): string => {
  const [first] = diagnosis.suspects;
  const flag = likeliestFlag(diagnosis);
  if (flag !== undefined) return `a flag with ${percent(flag.score)}: ${flagText(flag, diagnosis)}`;
  const load = diagnosis.remedies.find((one) => one.kind === "scale");
  if (load !== undefined && load.score >= (first?.score ?? 0))
    return `load with ${percent(load.score)}: ${load.reasons.join("; ")}`;
  return first === undefined
    ? "no change is suspected"
    : `${short(first.sha)} “${first.title}” with ${percent(first.score)}: ${first.reasons.join("; ")}`;
};

/** The time of day to the minute, UTC. */
const minuteOf = (at: number): string => clock(at).slice(0, 5);

/** The title that the diagnosis gives two deploys. */
const isOfDeploys = (title: string): boolean => title.startsWith("the deploys of ");

const questionOf = (remedy: Remedy): string => {
  if (remedy.kind === "scale") return "change the scale";
  if (remedy.kind === "withdraw") return "it did not help; put the change back";
  if (remedy.from === undefined) return "revert this change";
  return isOfDeploys(remedy.title) ? "revert these two deploys" : "revert this whole deploy";
};

/** An end in words. A trouble that went away after our merge, and was not verified, did not recover by itself. */
const endOf = (incident: In<"closed">): string => {
  const { outcome, merge, tried = [] } = incident;
  if (outcome !== "recovered") return outcomes[outcome].toLowerCase();
  if (merge === undefined && unmergedRedeploy(incident) !== undefined)
    return "recovered after the redeploy, and the revert is not merged";
  return merge === undefined && tried.length === 0
    ? "recovered, and nothing was merged"
    : "recovered after the merge, which was not verified";
};

const isRedeploying = ({ remedy, redeploy }: In<"approved">): boolean =>
  remedy.kind === "revert" && remedy.first !== undefined && redeploy?.end === undefined;

const liveName = ({ remedy }: In<"deployed">): string => {
  if (remedy === undefined) return "a fix";
  return remedy.kind === "scale" ? "the new scale" : remedy.kind === "withdraw" ? "the change" : "the revert";
};

const heldText = (held: Held): string => {
  if (held.by === "stop") return "Countersteer is stopped";
  return held.by === "cause" ? "waits for one cause of many services" : `held by ${held.who} on GitHub`;
};

const notLiveText = ({ failed }: NonNullable<In<"merged">["notLive"]>): string =>
  failed
    ? "merged, and its deploy failed, waiting for the next one"
    : "the fix is not in what runs now, waiting for a deploy";

/** The present state of the incident in one line. */
export const headline = (incident: Incident): string => {
  const trouble = incident.id.split("/")[2];
  const where = `${incident.service} in ${incident.environment}${trouble === undefined ? "" : ` (trouble ${trouble})`}`;
  if ("held" in incident && incident.held !== undefined) return `${where}: ${heldText(incident.held)}`;
  switch (incident.status) {
    case "none":
      return `${where}: nothing happened yet`;
    case "opened":
      return incident.thin === undefined || incident.lookAt === undefined
        ? `${where}: looking for the change that did it`
        : `${where}: no likely cause yet, looking again at ${minuteOf(incident.lookAt)}`;
    case "diagnosed":
      return `${where}: preparing the pull request`;
    case "proposed":
      return `${where}: ${questionOf(incident.remedy)}?`;
    case "approved":
      return isRedeploying(incident)
        ? `${where}: approved, putting the last good deploy back`
        : `${where}: approved, merging`;
    case "referred":
      return `${where}: waiting for ${incident.referral.to}`;
    case "merged":
      if (incident.notLive !== undefined) return `${where}: ${notLiveText(incident.notLive)}`;
      if (incident.fix?.kind === "deploy")
        return `${where}: the revert is not in what runs now, waiting for a deploy`;
      return incident.fix === undefined
        ? `${where}: merged, waiting for the deploy`
        : `${where}: ${incident.fix.detail}, waiting for it to go live`;
    case "deployed":
      return incident.fix === undefined
        ? `${where}: ${liveName(incident)} is live, checking that the trouble is over`
        : `${where}: ${incident.fix.detail}, checking`;
    case "closed":
      if (isKept(incident) && incident.notLive !== undefined)
        return `${where}: was verified, and is not in what runs now`;
      return `${where}: ${endOf(incident)}`;
    case "escalated":
      return `${where}: needs a person`;
  }
};
