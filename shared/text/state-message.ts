import { diagnosisOf } from "../incident/diagnosis/review.ts";
import { type Fix, type In, isActive, isKept, type Remedy, type Started } from "../incident/model.ts";
import { firstOf } from "../incident/remedies/redeploy.ts";
import type { Span, ViewLine } from "../ports/chat.ts";
import { causeLines, suspectName } from "./causes.ts";
import { endedBy, endText, escalationText } from "./ends.ts";
import { clock, percent, personName, short, span } from "./format.ts";
import { liveMsOf, sizeText } from "./question.ts";
import { redeployState } from "./redeploy.ts";
import { lineOf } from "./spans.ts";
import { endOf } from "./story.ts";
import { deployName, doing, holds } from "./timeline.ts";

/** The lines while nothing is asked: the state first, then what it is about. */
export const stateLines = (incident: Started): ViewLine[] => {
  const diagnosis = diagnosisOf(incident);
  return [
    ...statusLines(incident),
    ...(isDecided(incident) ? [remedyLine(incident)] : diagnosis === undefined ? [] : causeLines(diagnosis)),
  ];
};

export const expectationLines = (incident: Started): ViewLine[] => {
  const expected = expectation(incident);
  return expected.length === 0 ? [] : [lineOf(expected, { small: true })];
};

/** The next that happens by itself, until when, and the consequence of silence. Empty where nothing is waited for. */
export const expectation = (incident: Started): Span[] => {
  if (!isActive(incident) || ("held" in incident && incident.held !== undefined)) return [];
  const due: Span = { strong: [{ at: incident.due }] };
  switch (incident.status) {
    case "opened":
      return incident.thin === undefined || incident.lookAt === undefined
        ? ["People are told by ", due, " in any case."]
        : ["Looking again at ", { strong: [{ at: incident.lookAt }] }, "."];
    case "diagnosed":
      return ["People are told by ", due, " in any case."];
    case "referred":
      return ["Until ", due, "; then a person is asked here."];
    case "approved":
      return [
        ...["Merged as soon as GitHub allows, by ", due, " at the latest; then a person is needed."],
        " Any approver can still reject it.",
      ];
    case "merged":
      return ["A person is told when it is not live by ", due, "."];
    case "deployed":
      return ["A person is told when the alert is not over by ", due, "."];
    default:
      return [];
  }
};

type Decided = In<"approved" | "merged" | "deployed" | "closed"> & { remedy: Remedy };

/** A reader no longer looks for the other suspects once it is decided. */
const isDecided = (incident: Started): incident is Decided =>
  ["approved", "merged", "deployed", "closed"].includes(incident.status) &&
  "remedy" in incident &&
  incident.remedy !== undefined;

const names = { revert: "Revert", scale: "Scaling", withdraw: "Withdrawal" } as const;

/** A remedy that an incident ended without, or that people put their own fix in the place of, stays a proposal. */
const nameOf = (incident: Decided): string => {
  const name = names[incident.remedy.kind];
  if (incident.status === "approved") return name;
  return incident.merge === undefined || incident.fix !== undefined ? `Proposed ${name.toLowerCase()}` : name;
};

const remedyLine = (incident: Decided): ViewLine => {
  const { remedy } = incident;
  const suspect = diagnosisOf(incident)?.suspects.find(
    ({ sha }) => remedy.kind === "revert" && remedy.from === undefined && sha === remedy.sha,
  );
  const size = "terms" in incident ? incident.terms?.size : undefined;
  const label = nameOf(incident);
  // The label says “Revert” already.
  const name = suspect === undefined ? doing(remedy).replace(/^revert /, "") : suspectName(suspect);
  return {
    label: `${label} (${percent(remedy.score)})`,
    text: [name, ...(size === undefined ? [] : [sizeText(size)])].join("; "),
  };
};

/** The state, beyond the headline. */
const statusLines = (incident: Started): ViewLine[] => {
  if ("held" in incident && incident.held !== undefined)
    return [{ label: holds[incident.held.by], text: incident.held.detail }];
  if (!("delay" in incident) || incident.delay === undefined) return ofStatus(incident);
  const waiting = { label: "Waiting", text: incident.delay.detail };
  const isFirst = incident.status === "approved" && firstOf(incident.remedy) !== undefined;
  if (!isFirst) return [waiting];
  // A redeploy under way is what is waited for.
  return [...approvedLines(incident), ...(incident.redeploy?.end ? redeployLines(incident) : []), waiting];
};

const approvedLines = ({ approval }: In<"approved">): ViewLine[] => [
  { label: "Approved", text: `by ${personName(approval.by)}` },
];

const redeployLines = ({ remedy, redeploy }: In<"approved">): ViewLine[] => {
  const text = redeployState({ remedy, ...(redeploy && { redeploy }) });
  return text === undefined ? [] : [{ label: "Redeploy", text }];
};

const ofStatus = (incident: Started): ViewLine[] => {
  switch (incident.status) {
    case "proposed":
      return [{ label: "Proposed", text: doing(incident.remedy) }];
    case "approved":
      return [...approvedLines(incident), ...redeployLines(incident), ...gateLines(incident)];
    case "opened":
      return incident.thin === undefined ? [] : [{ label: "Not sure yet", text: incident.thin.detail }];
    case "referred":
      return [{ label: "Waits", text: `for ${incident.referral.to}; ${incident.referral.detail}` }];
    case "merged":
      return [...fixLines(incident.fix), ...mergeLines(incident)];
    case "deployed":
      return [...fixLines(incident.fix), ...liveLines(incident)];
    case "closed":
      return outcomeLines(incident);
    case "escalated":
      return [{ label: "Why a person is needed", text: escalationText(incident) }];
    default:
      return [];
  }
};

/** The conditions of GitHub itself. */
export const gateLines = ({ terms }: In<"proposed" | "approved">): ViewLine[] =>
  terms?.gates === undefined || terms.gates.length === 0
    ? []
    : [{ label: "GitHub asks for", text: terms.gates.join(", ") }];

const fixLines = (fix: Fix | undefined): ViewLine[] =>
  fix === undefined
    ? []
    : [{ label: fix.kind === "deploy" ? "Not in what runs" : "Done by people", text: fix.detail }];

const mergeLines = ({ merge }: In<"merged">): ViewLine[] =>
  merge === undefined ? [] : [{ label: "Merged", text: `as ${short(merge.sha)} by ${personName(merge.by)}` }];

const liveLines = (incident: In<"deployed">): ViewLine[] => {
  const { sha } = incident.deploy;
  if (sha === undefined) return [];
  return [{ label: "Live", text: revertBehind(incident) ?? `${short(sha)} is deployed` }];
};

/** The former version is live, and the revert behind it is with its own deploy. */
const revertBehind = (incident: In<"deployed" | "closed">): string | undefined => {
  const { remedy, merge, pull, deploy, diagnosis, revertLive } = incident;
  if (remedy?.kind !== "revert" || remedy.first === undefined || merge === undefined) return undefined;
  if (deploy?.sha !== remedy.first.sha || diagnosis === undefined) return undefined;
  if (revertLive?.sha !== undefined)
    return `${deployName(remedy.first)} was put back, and the revert behind it is live as ${short(revertLive.sha)} since ${clock(revertLive.at)}`;
  const ms = liveMsOf({ remedy, diagnosis });
  const when = ms === undefined ? "" : `, about ${span(ms)} later`;
  return `${deployName(remedy.first)} is deployed again; the revert behind it was merged as ${short(merge.sha)} at ${clock(merge.at)}, and is live with the next deploy of ${pull?.base ?? "its branch"}${when}`;
};

const outcomeLines = (incident: In<"closed">): ViewLine[] => {
  const { verdict } = incident;
  const notLive = isKept(incident) ? incident.notLive : undefined;
  const said = endedBy(incident);
  // The finding is of the time of the end; the alerts may be over since.
  const ended = verdict === "still_firing" ? endOf(incident) : [];
  const text = ended.length > 0 ? [said, ...ended].join("; ") : endText(said, verdict);
  const live = isKept(incident) ? revertBehind(incident) : undefined;
  return [
    ...(notLive === undefined ? [] : [{ label: "Not live any more", text: notLive.detail }]),
    ...(text === "" ? [] : [{ label: "Outcome", text }]),
    ...(live === undefined || notLive !== undefined ? [] : [{ label: "Live", text: live }]),
  ];
};
