import type { EpochMs, IncidentId, Sha, System } from "../brands.ts";
import type { Turns } from "./alerts/flapping.ts";
import type { Terms, Vote } from "./approval/votes.ts";
import type { Head } from "./chain/link.ts";
import type { Question, Verdict } from "./recovery.ts";
import type { Redeploy, Redeployment } from "./remedies/redeployment.ts";

/** An alert as Alertmanager reports it: one label set (`fingerprint`), one firing (`startsAt`). Instants are epoch ms. */
export type Alert = {
  fingerprint: string;
  name: string;
  status: "firing" | "resolved";
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: EpochMs;
  /** Only when resolved. */
  endsAt?: EpochMs;
};

/** Another service that a change belongs to, and who answers for it there. */
export type Owner = { service: string; repository: string; approvers: string[] };

/** A commit that may be to blame. `score` is its probability in [0, 1]; `reasons` are plain sentences, the strongest first. */
export type Suspect = {
  sha: Sha;
  score: number;
  title: string;
  author: string;
  at: EpochMs;
  url: string;
  reasons: string[];
  /** The kind of each reason: measured, or from words. Absent in what was stored before. */
  kinds?: ("measured" | "text")[];
  /** Measured evidence speaks for the change: deploy times against a measured onset, versions, metrics, server-side logs. */
  measured?: boolean;
  /** Measured evidence speaks against the change. */
  contradicted?: boolean;
  /** The commit is in a GitOps repository of the service: the first one, unless `repository` names another. */
  in?: "gitops";
  repository?: string;
  /** The change is another service's, and nobody here may revert it. */
  of?: Owner;
  /** The change is a pull request of Countersteer itself. `way`: the remedy that people have instead of a revert, as a sentence. */
  own?: { pull: number; way: string };
  /** It is the first commit of its repository, and nothing can take it back. */
  isFirst?: true;
  /** Absent in incidents that an older version stored. */
  change?: Change;
};

/** A change that landed as one and is reverted as one: a pull request, or a push of one commit. */
export type Change = {
  kind: "commit" | "pull";
  pull?: { number: number; title: string; url: string; labels: string[] };
  /** Its commits, newest first. */
  commits: Sha[];
  /** The deploy that brought it. */
  deploy?: { sha: Sha; from?: Sha; at: EpochMs; status: "succeeded" | "failed" | "started" };
  /** The branch that it is on, when that is not the service's. */
  branch?: string;
};

/** A feature flag that was changed before the trouble. `score` is the probability that it did it, a part of `none`; `reason` is a sentence. */
export type FlagSuspect = { flag: string; score: number; reason: string; url?: string };

/** A change that landed shortly before the trouble, and that no deploy on record holds. */
export type Undeployed = { sha: Sha; title: string; at: EpochMs };

/**
 * The values that an alert compares around the onset, thinned for drawing. A point is seconds since `at` and the value; null stands where
 * data is missing. `isShare`: the values are parts of 1.
 */
export type Chart = {
  alert: string;
  at: EpochMs;
  points: [number, number | null][];
  threshold?: number;
  above?: boolean;
  isShare?: true;
};

/** A page that people may open. */
export type Link = { text: string; url: string };

/** The suspects, the likeliest first; `none`, the probability that no suspect is to blame; notes; and the remedies, the best first. */
export type Diagnosis = {
  suspects: Suspect[];
  none: number;
  onsetAt: EpochMs;
  /** The likeliest first. Their reasons are among the notes, too. */
  flags?: FlagSuspect[];
  notes?: string[];
  remedies: Remedy[];
  /** The configured services that traces show the service to call: their changes are news as well. */
  called?: string[];
  /** The newest first. */
  undeployed?: Undeployed[];
  /** Pages of configured systems on which people see more. */
  links?: Link[];
  /** The first alert's own course. Absent where its expression could not be read. */
  chart?: Chart;
};

/**
 * `in` is the repository of the remedy's pull request: absent for the service's own, else a GitOps repository (the first one, unless
 * `repository` names another). `score` is the probability that it helps.
 */
type Offered = { title: string; score: number; in?: "gitops"; repository?: string };
/** Reverts one change; with `from`, everything after it up to `sha`, such as all changes of one deploy. */
export type Revert = {
  kind: "revert";
  sha: Sha;
  from?: Sha;
  /** Measured evidence speaks for it and none against it: only then may it be merged without being asked about. */
  measured?: boolean;
  /** The application commit behind a bump that is put back: it gets a revert pull request of its own. */
  behind?: { sha: Sha; title: string };
  /** The change moved requests between versions that both ran: it is undone once the former version gets them again. */
  isRoute?: true;
  first?: Redeploy;
  /** Notes for those who approve. */
  notes?: string[];
} & Offered;
/** Sets one field of the object that owns the scale of `target` (`KIND/NAMESPACE/NAME`), for `forMs` when that is given. */
export type Scale = {
  kind: "scale";
  target: string;
  field: "replicas" | "min" | "max" | "memory" | "cpu";
  to: string;
  forMs?: number;
  /** The reasons for load, the strongest first, and those against it. */
  reasons: string[];
  /** Once proposed: the one value that its pull request changes, and until when (epoch ms) when that is not for good. */
  edit?: { file: string; path: string; before: string; after: string };
  until?: EpochMs;
} & Offered;
/** Puts back what a merged remedy changed, as the trouble went on with it live. Always asked about. */
export type Withdraw = {
  kind: "withdraw";
  of: Revert | Scale;
  /** The merge of that remedy, and its pull request's number. */
  merge: Sha;
  pull: number;
} & Offered;
export type Remedy = Revert | Scale | Withdraw;
/** A remedy that was live and did not help, how that was seen, and the commits that it took back. */
export type Tried = {
  remedy: Revert | Scale;
  pull: Pull;
  merge: Merge;
  detail: string;
  commits: Sha[];
  /** The pull request that followed it, of the change behind a rollback. */
  followUp?: { remedy: Remedy; pull: Pull };
};

/** A pull request as proposed. `diff` is a digest of what it changes; `head` and `diff` are what an approval binds. */
export type Pull = {
  number: number;
  url: string;
  branch: string;
  head: Sha;
  base: string;
  baseSha: Sha;
  diff: string;
};

/** `votes` are absent where no person was asked, and in what an older version stored. `quiet`: no alert fired when it was given. */
export type Approval = { by: string; at: EpochMs; head: Sha; diff: string; votes?: Vote[]; quiet?: true };
/** `differs`: why the merge is not the one that people approved. */
export type Merge = { sha: Sha; at: EpochMs; by: string; differs?: string };
/** Auto-merge is on, or the pull request is in the merge queue. It is noted before GitHub is told. */
export type ArmedMerge = {
  how: "auto-merge" | "queue";
  at: EpochMs;
  pull: Pull;
  in?: "gitops";
  repository?: string;
};
/**
 * The deploy of the fix; `sha` is absent where no deploy was needed, such as for a flag that people turned back. It was not
 * live before `since`.
 */
export type Deploy = { sha?: Sha; at: EpochMs; since?: EpochMs };
/**
 * A fix that people made themselves. `sha` is the commit that takes the change back, or the one that a deploy rolled back to; `pull` the
 * open pull request of theirs. `detail` is a sentence about it, `at` when it was done. `deploy`: the revert is
 * merged, and the deploy that runs now does not hold it.
 */
export type Fix = {
  kind: "revert" | "pull" | "rollback" | "flag" | "scale" | "deploy";
  at: EpochMs;
  detail: string;
  by?: string;
  sha?: Sha;
  pull?: { number: number; url: string };
  /** The change that it takes back. */
  takesBack?: Sha;
};
/** A diagnosis that nothing is proposed for, and what is known that may change it. */
export type Review = {
  /** The time of the next diagnosis; absent after the last one. */
  lookAt?: EpochMs;
  /** The person who asked for the next diagnosis. */
  lookBy?: string;
  /** The records that the latest diagnosis rests on, as text to compare. */
  basis?: string;
  /** The number of deploys and flag changes from before the trouble that the latest diagnosis rests on. It stays when the round ends. */
  known?: number;
  /** Remedies of this round that gave way to another, as keys. */
  dropped?: string[];
};
/** Why a merged fix does not run, by the deploy that tells it. */
type NotLive = { sha: Sha; detail: string; failed?: true };
/** The incident's one chat message. `before`: the deleted one that it stands for. `chart`: the picture in it, and what it shows. */
export type Message = { channel: string; ts: string; before?: string; chart?: ShownChart };
export type ShownChart = { file: string; of: string };
/** A step that cannot go on for now, and since when; `told` counts its facts. Cleared by the next fact. */
export type Delay = {
  step: string;
  detail: string;
  since: EpochMs;
  system?: Outage;
  retryAt?: EpochMs;
  verdict?: Verdict;
  failed?: System;
  told?: number;
};
/**
 * The incident is held. `stop`: a person has stopped Countersteer, or its kill switch cannot be read. `cause`: many services have one
 * cause, named by `cause`; `leader` is the incident whose message tells of it.
 */
export type Held = { detail: string; since: EpochMs } & (
  | { by: "stop" }
  /** A label, a review or a comment on the pull request; `who` set it. */
  | { by: "github"; who: string }
  /** `services`: how many there were. */
  | { by: "cause"; cause: string; leader: IncidentId; services?: number }
);
/** The systems without which no person can be asked and nothing can be mended. */
export type Outage = "github" | "slack";
/** A person was called outside chat. */
type PageRequest = { since: EpochMs; detail: string };

export type Outcome =
  | "verified"
  | "recovered"
  | "recovered_by_people"
  | "rejected"
  | "withdrawn"
  | "abandoned"
  | "observed";
export type Reason =
  | "no_suspect"
  | "own_remedy"
  | "elsewhere"
  | "low_confidence"
  | "unclean_revert"
  | "already_reverted"
  | "declined_before"
  | "raised_again"
  | "unanswered"
  | "retargeted"
  | "merge_refused"
  | "deploy_failed"
  | "not_recovered"
  | "refused"
  | "limited"
  | "overdue";

/** The fields of every incident, in any status. */
type Common = {
  id: IncidentId;
  service: string;
  environment: string;
  round: number;
  /** The latest known firing of each alert, by fingerprint; the oldest are dropped past `maxAlerts`. */
  alerts: Alert[];
  /** The questions by alert name. Absent in incidents that were stored before there were questions. */
  questions?: Question[];
  /** The recent turns of the alert between firing and quiet, over the rounds. */
  turns?: Turns;
  /** The most troubles of the service that were ever open side by side; only the first of them has the number. */
  troubles?: number;
  /** Ended rounds that may not have been told to the end, the oldest first. */
  untold?: UntoldRound[];
  /** Stays over rounds, until the trouble ends. */
  page?: PageRequest;
  /** The last fact of the chain, over all rounds. Absent where an older version stored every fact. */
  chain?: Head;
};
/** An interface, for a type that names itself. */
export interface UntoldRound {
  end: In<"closed" | "escalated">;
}
type Opened = Common &
  Review & {
    openedAt: EpochMs;
    /** The start of the trouble by its alerts, never more than a day before the first of them arrived. */
    onsetAt: EpochMs;
    /** A truncated notification was seen: the alerts known here are not all there are. */
    truncated: boolean;
    /** W3C `traceparent` of the webhook that opened it: one trace spans the incident. */
    trace?: string;
    message?: Message;
    /** Changes that a person has ruled out in this round. */
    ruledOut?: Sha[];
    /** Remedies of this round that did not help, the latest last. */
    tried?: Tried[];
    /** The share of the deadline that people were last reminded at. */
    reminded?: number;
    delay?: Delay;
    held?: Held;
    /** At most one is made in a round. */
    redeploy?: Redeployment;
    /** Attempts of this round that were refused, by person, attempt and reason. */
    refusals?: string[];
    /** The policy server's answers in this round: the latest as a key, when, and how many were listed. */
    decided?: { key: string; at: EpochMs; count: number };
    /** Addresses of pull requests that nobody needs, and that GitHub refuses to close. */
    leftOpen?: string[];
    /** GitHub may merge this pull request by itself, until that is taken back. */
    armed?: ArmedMerge;
    /** The incident was held in this round, so a person decides, whatever the mode. */
    wasHeld?: true;
    /** Causes that a person has said it does not wait for. */
    released?: string[];
    /** The retries of a refused step that no person asked for: their count and the last one's time. */
    retries?: { count: number; at: EpochMs };
    /** The time at which silence in this status becomes an escalation. */
    due: EpochMs;
    /** The incident of another service, or of another trouble, that this one was opened or joined for. */
    origins?: IncidentId[];
    /** The rounds of the origins that count on this one. Absent where an older version counted them in. */
    originRounds?: Record<IncidentId, number>;
    /** Other services whose incidents wait for this one's pull request: their people approve it as well. */
    sharers?: string[];
  };
/** A first look that found too little: the incident is looked at again at `lookAt`. `detail` says why nothing is proposed. */
type Thin = { thin?: { diagnosis: Diagnosis; detail: string } };
type Diagnosed = Opened & {
  diagnosis: Diagnosis;
  /** Which of the diagnosis' remedies were taken up so far, the latest last; absent: only the first. */
  taken?: number[];
  /** The open pull request of the remedy that a person put another in the place of. */
  replaced?: Replaced;
};
/**
 * A pull request that was replaced: a person chose another remedy (`by`), or it cannot be merged any more (`why`). With `again`, the pull
 * request may be opened again.
 */
export type Replaced = { remedy: Remedy; pull: Pull; by: string; why?: string; again?: true };
/** `look` are reasons to look twice before deciding, as sentences. */
type Proposed = Diagnosed & {
  remedy: Remedy;
  pull: Pull;
  look?: string[];
  /** The terms of the latest question; absent before it, and in facts that an older version stored. */
  terms?: Terms;
  /** The latest comment on the pull request that was answered. */
  answered?: number;
};
type Approved = Proposed & { approval: Approval };
/** Waits for another incident, whose people decide about the cause. */
type Referred = Diagnosed & { referral: { to: IncidentId; detail: string } };
/**
 * A person may merge by hand, so a merged incident need not hold an approval of ours. With `fix` people did something themselves: then
 * `merge` is the commit that does it, and remedy and pull request are what was proposed beside it, if anything.
 */
type Merged = Diagnosed &
  Partial<Proposed> & {
    approval?: Approval;
    merge?: Merge;
    fix?: Fix;
    followUp?: FollowUp;
    notLive?: NotLive;
    /** Pull requests that would bring the culprit back, and that were told of. */
    returning?: number[];
  } & Partial<Pick<Referred, "referral">>;
/**
 * `judged`: alerts that fired before the fix was live, and are known by a later firing only. `revertLive`: the deploy of the revert, where
 * `deploy` is the redeploy before it.
 */
type Deployed = Merged & { deploy: Deploy; judged?: string[]; revertLive?: Deploy };
type Ended = Omit<Opened, "due" | "delay" | "held" | "lookAt" | "basis"> &
  Partial<Omit<Deployed, keyof Opened>> & {
    endedAt: EpochMs;
    verdict?: Verdict;
    /** The incident is not followed any more. */
    left?: true;
  };

/** The incident of one service in one environment. */
export type Incident =
  | ({ status: "none" } & Common)
  | ({ status: "opened" } & Opened & Thin)
  | ({ status: "diagnosed" } & Diagnosed)
  | ({
      status: "proposed";
      asked: boolean;
      /** A sentence about the change of the pull request since people were asked before. */
      moved?: string;
      /** Put off by a person: until when, and how often so far. `over`: people were asked again. */
      snoozed?: { by: string; until: EpochMs; count: number; over?: true };
      /** Approvals that are not enough yet. */
      votes?: Vote[];
      /** Every alert resolved after an approval: the question stays, whether or not the trouble is over. */
      overtaken?: true;
    } & Proposed)
  | ({ status: "approved" } & Approved)
  | ({ status: "referred" } & Referred)
  | ({ status: "merged" } & Merged)
  | ({ status: "deployed" } & Deployed)
  /** `reland`: the draft that brings a reverted change back. `over`: the time of its scale is over. `chart`: the course from before the onset until the trouble was seen to be over. */
  | ({
      status: "closed";
      outcome: Outcome;
      detail?: string;
      by?: string;
      over?: true;
      chart?: Chart;
      reland?: Reland;
    } & Ended)
  /** `outage`: the system that could not be reached until the time was over. */
  | ({ status: "escalated"; reason: Reason; detail: string; outage?: Outage } & Ended);

export type Status = Incident["status"];
/** The incident once its first alert has come. */
export type Started = Exclude<Incident, { status: "none" }>;
/** The incident while it is in one status. */
export type In<S extends Status> = Extract<Incident, { status: S }>;
export const active = [
  "opened",
  "diagnosed",
  "proposed",
  "approved",
  "referred",
  "merged",
  "deployed",
] as const satisfies Status[];
export type Active = In<(typeof active)[number]>;
export const isActive = (incident: Incident): incident is Active =>
  active.some((status) => status === incident.status);

/** Whether the incident counts in that round of another one. The round is not known where an older version counted it in. */
export const countsIn = (
  incident: Incident,
  { id, round }: { id: IncidentId; round?: number | undefined },
): boolean => {
  if (!("origins" in incident) || !incident.origins?.includes(id)) return false;
  const known = incident.originRounds?.[id];
  return known === undefined || round === undefined || known === round;
};

/** An ended incident that may still go on: by a merge, a deploy, an alert that resolves, or a retry. */
export type Unsettled = In<"closed" | "escalated">;
export const isUnsettled = (incident: Incident): incident is Unsettled => {
  if (incident.status === "escalated") return !incident.left;
  if (incident.status !== "closed" || incident.left || incident.pull === undefined) return false;
  return incident.merge === undefined && incident.outcome !== "verified" && incident.outcome !== "observed";
};
/**
 * An incident whose fix was verified, and that a later deploy may run without. Only a deploy report has it looked at: nothing is due. A
 * scale for a time is taken back on purpose.
 */
export const isKept = (incident: Incident): incident is In<"closed"> =>
  incident.status === "closed" &&
  incident.outcome === "verified" &&
  incident.fix === undefined &&
  incident.merge !== undefined &&
  incident.deploy !== undefined &&
  (incident.remedy?.kind === "revert" ||
    (incident.remedy?.kind === "scale" && incident.remedy.forMs === undefined));
/** An incident that a step looks at: an active one, an ended one that is followed, or one whose fix is kept. */
export type Watched = Active | Unsettled;
export const isWatched = (incident: Incident): incident is Watched =>
  isActive(incident) || isUnsettled(incident) || isKept(incident);

/** The time for which an ended incident is followed. */
const followMs = 7 * 24 * 60 * 60_000;

/** The time at which the incident itself needs work: its deadline, the end of a scale for a time, or the end of following it. */
export const dueOf = (incident: Incident): EpochMs | undefined => {
  if (isActive(incident)) return incident.due;
  if (incident.status === "closed" && incident.remedy?.kind === "scale" && incident.deploy !== undefined)
    return incident.over ? undefined : incident.remedy.until;
  return isUnsettled(incident) ? incident.endedAt + followMs : undefined;
};

/** The diagnosis' remedies that were taken up so far, by index, the latest last. */
export const takenUp = ({ taken = [0] }: Pick<Diagnosed, "taken">): number[] => taken;

/** The most troubles of a service that are open side by side. */
export const maxTroubles = 4;

/** The incident of a service's trouble in an environment: the first one, or the one beside it with that number. */
export const incidentId = (service: string, environment: string, trouble = 1): IncidentId =>
  trouble === 1 ? `${service}/${environment}` : `${service}/${environment}/${trouble}`;

/** The incident that never was. `id` is `service/environment`, or `service/environment/2`. */
export const emptyIncident = (id: IncidentId): In<"none"> => {
  const [service = "", environment = ""] = id.split("/");
  return { status: "none", id, service, environment, round: 0, alerts: [] };
};

/** An incident as a pull request is made for it, in whatever status it is by then. */
export type Reported = Pick<
  In<"diagnosed">,
  "id" | "service" | "environment" | "round" | "alerts" | "diagnosis" | "chain" | "tried"
>;

/** The status in which an ended incident resumes. */
export type Resumed = "opened" | "proposed" | "approved" | "merged" | "deployed";

/** A draft that brings a reverted change back, for its author to mend: asked for by a person once the revert is verified. */
export type Reland = { by: string } & ({ pull?: Pull } | { detail: string });

/** The follow-up's pull request, or the reason why there is none. */
export type FollowUp = { remedy: Remedy } & ({ pull: Pull } | { detail: string; page?: true });

/** All that an incident may hold, whatever its status. */
export type Parts = Partial<Omit<In<"deployed">, "status">>;
export const partsOf = (incident: Incident): Parts => incident;

/** All that an incident may hold in some status. */
type Known = Partial<Omit<In<"deployed">, "status"> & Omit<In<"closed">, "status">>;
/** Reads an incident whatever its status: a field that this one does not have is absent. */
export const knownOf = (incident: Incident): Known => incident;
