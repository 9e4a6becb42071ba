import type { IncidentId } from "../brands.ts";
import { alertsOfRound } from "../incident/alerts/alerts.ts";
import { isFlapping } from "../incident/alerts/flapping.ts";
import { notesBeside } from "../incident/diagnosis/flags.ts";
import { diagnosisOf } from "../incident/diagnosis/review.ts";
import type { Event } from "../incident/events.ts";
import {
  type Diagnosis,
  type In,
  type Incident,
  type Message,
  partsOf,
  type Started,
  type Suspect,
} from "../incident/model.ts";
import { isRelandable } from "../incident/remedies/reland.ts";
import type { Reply, View, ViewLine } from "../ports/chat.ts";
import type { DeployRecord } from "../ports/store.ts";
import {
  flagLines,
  likeliestBeside,
  loadLines,
  noneBeside,
  othersIn,
  sharePercent,
  suspectName,
} from "./causes.ts";
import { clock, percent, personName, short } from "./format.ts";
import { pullName } from "./pull-name.ts";
import {
  aheadOf,
  buttonsOf,
  choiceLines,
  isDamaged,
  leadOf,
  reasonLines,
  silenceLine,
  smallPrint,
  stateLead,
  wordsOf,
} from "./question.ts";
import { linesOf, plainOf } from "./spans.ts";
import { expectationLines, gateLines, stateLines } from "./state-message.ts";
import { deployedBefore, inContext, isLateEnd, isRecovery, type Told } from "./story.ts";
import { type Reason, toldOnce } from "./suspects.ts";
import { headline, type TimelineEntry } from "./timeline.ts";
import { type Fact, factsOf, messageMarker, roundOf } from "./told-facts.ts";

/** Alerts shown by name and summary; more are only counted. */
const shownAlerts = 3;

/** The marker by which the message of one round is found in its channel. */

/** Another open trouble of the same service, by the names of its alerts. */
export type BesideTrouble = { id: IncidentId; alerts: string[] };

/** The incident's one message in chat as it stands now: alert, suspect, reasons, what was done, links, and the buttons while a decision is awaited. */
export const view = (
  incident: Started,
  page: string | undefined,
  oncall: string[] = [],
  beside: BesideTrouble[] = [],
): View => {
  const { pull, followUp } = partsOf(incident);
  const diagnosis = diagnosisOf(incident);
  const first = diagnosis?.suspects[0];
  const links = page === undefined ? [] : [{ text: "Incident", url: page }];
  if (pull !== undefined) links.unshift({ text: `Pull request #${pull.number}`, url: pull.url });
  if ("fix" in incident && incident.fix?.pull !== undefined)
    links.push({ text: `Their pull request #${incident.fix.pull.number}`, url: incident.fix.pull.url });
  if (first !== undefined) links.push({ text: `Commit ${short(first.sha)}`, url: first.url });
  for (const { flag, url } of diagnosis?.flags ?? [])
    if (url !== undefined) links.push({ text: `Flag ${flag}`, url });
  if (followUp !== undefined && "pull" in followUp)
    links.push({ text: `Follow-up ${pullName(followUp.pull)}`, url: followUp.pull.url });
  const reland = "reland" in incident ? incident.reland : undefined;
  if (reland !== undefined && "pull" in reland && reland.pull !== undefined)
    links.push({ text: `Re-land draft ${pullName(reland.pull)}`, url: reland.pull.url });
  if (isQuestion(incident)) return questionView(incident, links, { oncall, beside });
  const base: View = {
    marker: messageMarker(incident),
    near: "endedAt" in incident ? incident.endedAt : incident.onsetAt,
    ...topOf(incident),
    lines: [
      ...stateLines(incident),
      linesOf("Alert", alertLines(incident)),
      ...besideLines(beside),
      ...expectationLines(incident),
    ],
    links,
    ...(needsPerson(incident) && oncall.length > 0 ? { mentions: oncall } : {}),
  };
  const retry = { incident: incident.id, round: incident.round };
  if (isHeldByCause(incident)) return { ...base, retry: { ...retry, text: "Go on alone" } };
  if (incident.status === "escalated") return { ...base, retry };
  if (isRelandable(incident)) return { ...base, reland: retry };
  const isHeldQuestion = incident.status === "proposed" && incident.asked;
  if (incident.status === "approved" || isHeldQuestion) return { ...base, stop: questionOf(incident) };
  return base;
};

/** A person who is called reads the damage first. */
const topOf = (incident: Started): Pick<View, "headline" | "lead"> => {
  if (incident.status !== "escalated" || !isDamaged(incident)) return { headline: headline(incident) };
  const lead = stateLead(incident);
  return { headline: plainOf(lead), lead };
};

type Question = In<"proposed"> & { asked: true };

const isQuestion = (incident: Started): incident is Question =>
  incident.status === "proposed" && incident.asked && incident.held === undefined;

type Around = { oncall: string[]; beside: BesideTrouble[] };

/** The question holds only the facts that a decision needs. The thread has the rest. */
const questionView = (incident: In<"proposed">, links: View["links"], { oncall, beside }: Around): View => {
  const lead = leadOf(incident);
  const standing = [...questionLines(incident), ...besideLines(beside)];
  const small = smallPrint(incident);
  const silence = silenceLine(incident);
  const used = wordsOf({ lead, lines: [...standing, ...small, silence] }) + oncall.length;
  return {
    marker: messageMarker(incident),
    near: incident.onsetAt,
    headline: plainOf(lead),
    lead,
    lines: [...reasonLines(incident, used), ...standing, ...small, silence],
    links,
    ...(oncall.length > 0 && { mentions: oncall }),
    buttons: { ...questionOf(incident), ...buttonsOf(incident) },
  };
};

/** The lines that a question has only where something is unusual about it. */
const questionLines = (incident: In<"proposed">): ViewLine[] => [
  ...(incident.delay === undefined ? [] : [{ label: "Waiting", text: incident.delay.detail }]),
  ...(incident.moved === undefined ? [] : [{ label: "Asked again", text: incident.moved }]),
  ...flapping(incident),
  ...aheadOf(incident),
  ...lookTwice(incident),
  ...votesSoFar(incident),
  ...gateLines(incident),
  ...choiceLines(incident),
];

const isHeldByCause = (incident: Started): boolean => "held" in incident && incident.held?.by === "cause";

const besideLines = (beside: BesideTrouble[]): ViewLine[] =>
  beside.length === 0
    ? []
    : [
        linesOf(
          "Also open in this service",
          beside.map(({ id, alerts }) => `${id}: ${alerts.join(", ")}`),
        ),
      ];

/** A question, an escalation or a cause of many services waits for a person. */
const needsPerson = (incident: Started): boolean =>
  incident.status === "escalated" ||
  isHeldByCause(incident) ||
  (incident.status === "proposed" && incident.asked);

/** The question that a button names: a click on another one decides nothing. */
const questionOf = ({ id, round, pull, terms }: In<"proposed" | "approved">) => ({
  ...{ incident: id, round, head: pull.head },
  ...(terms && { nonce: terms.nonce }),
});

/** The alerts of the round, a line each. */
export const alertLines = (incident: Incident): string[] => {
  const alerts = alertsOfRound(incident);
  const lines = alerts.slice(0, shownAlerts).map(({ name, annotations }) => {
    const summary = annotations.summary ?? annotations.description ?? annotations.message;
    return summary === undefined ? name : `${name}: ${summary}`;
  });
  if (alerts.length > shownAlerts) lines.push(`and ${alerts.length - shownAlerts} more`);
  return lines;
};

const votesSoFar = ({ votes = [] }: In<"proposed">): ViewLine[] =>
  votes.length === 0
    ? []
    : [{ label: "Approved so far", text: `by ${votes.map(({ by }) => personName(by)).join(", ")}` }];

/** Says that the question is about an alert that comes and goes. */
const flapping = ({ turns }: In<"proposed">): ViewLine[] => {
  const latest = turns?.recent.at(-1);
  if (turns === undefined || latest === undefined || !isFlapping(turns, latest)) return [];
  const text = `it began or ended ${turns.count} times since ${clock(turns.since)}; this question stays open, and is closed after 30 min of quiet`;
  return [{ label: "Flapping", text }];
};

/** Sentences shown; the pull request has the others. */
const shownLooks = 2;
const lookTwice = ({ look = [] }: In<"proposed">): ViewLine[] => {
  const more = look.length > shownLooks ? [`and ${look.length - shownLooks} more on the pull request`] : [];
  if (look.length === 0) return [];
  return [linesOf("Look twice", [...look.slice(0, shownLooks), ...more])];
};

/** Events that follow the question. The pull request and the thread get each of them once. */
const announced: Event["type"][] = [
  "DiagnosisRevised",
  "FixFound",
  "IncidentReferred",
  "ReferralSettled",
  "ReferralReturned",
  "OriginJoined",
  "TroubleSeparated",
  "RemedyChosen",
  "RemedyRuledOut",
  "QuestionSnoozed",
  "SnoozeEnded",
  "LookRequested",
  "ApprovalGiven",
  "ApprovalTakenBack",
  "RemedyApproved",
  "ApprovalVoided",
  "MergeArmed",
  "MergeDisarmed",
  "RedeployBegun",
  "RedeployStarted",
  "RedeployEnded",
  "CulpritReturned",
  "ReturnProposed",
  "PullLeftOpen",
  "RemedyMerged",
  "RemedyDeployed",
  "FixNotLive",
  "RemedyIneffective",
  "RemedyWithdrawn",
  "RemedyOutdated",
  "StepDelayed",
  "IncidentHeld",
  "IncidentReleased",
  "IncidentResumed",
  "FollowUpOpened",
  "FollowUpRefused",
  "RelandRequested",
  "RelandOpened",
  "RelandRefused",
  "ScaleEnded",
  "DeadlineNeared",
  "PageRequested",
  "IncidentClosed",
  "IncidentEscalated",
];

/** The thread below the message: the rest of the diagnosis first, then what follows. */
export const thread = (
  incident: Started,
  log: Event[],
  { oncall = [], deploys = [] }: { oncall?: string[]; deploys?: DeployRecord[] } = {},
): Reply[] => {
  const diagnosis = diagnosisOf(incident);
  const details = diagnosis === undefined ? [] : [detailsOf(diagnosis, incident, log)];
  const asks = oncall.length > 0 ? laterQuestions(log) : [];
  const told = factsOf(incident, log, [...announced, "ApprovalRequested"]).filter(
    ({ event }) => event.type !== "ApprovalRequested" || asks.includes(event),
  );
  const inFull = (fact: Fact): Fact => {
    if (inThread.includes(fact.event.type)) return withContext(fact, incident, { log, deploys });
    if (!isRecovery(fact.event)) return fact;
    return { ...fact, text: [fact.text, ...deployedBefore(incident, deploys)].join("; ") };
  };
  return [...details, ...told.map((fact) => replyOf(inFull(fact), oncall))];
};

/** Facts that the thread tells with their context. The end of an incident has its own lines there. */
const inThread: Event["type"][] = ["TroubleSeparated", "AlertsJoined"];

/** Whether something that people are told followed the posting of this message. */
export const hasNewsSince = (incident: Started, log: Event[], { ts }: Message): boolean => {
  const posted = log.findLastIndex((event) => event.type === "MessagePosted" && event.message.ts === ts);
  const told = factsOf(incident, log, [...announced, "ApprovalRequested"]);
  return told.some(({ event }) => log.indexOf(event) > posted);
};

/** The suspects and their reasons. Each look that finds other ones tells them in a reply of its own, since the former reply stays. */
const detailsOf = (diagnosis: Diagnosis, incident: Started, log: Event[]): Reply => {
  const [opened, next] = roundOf(log, incident.round);
  const told = log
    .slice(opened, next)
    .flatMap((event) => ("diagnosis" in event ? [othersOf(event.diagnosis)] : []));
  const looks = told.filter((lines, index) => index === 0 || !isSame(lines, told[index - 1]!)).length;
  const marker = `${messageMarker(incident)}:details`;
  const near = diagnosis.onsetAt;
  if (looks < 2) return { marker, near, lines: othersOf(diagnosis) };
  const again = { label: "Looked again", text: "this replaces the suspects above" };
  return { marker: `${marker}:${looks}`, near, lines: [again, ...othersOf(diagnosis)] };
};

/** All that the question leaves out of the diagnosis. A reason that all suspects have stands once. */
const othersOf = (diagnosis: Diagnosis): ViewLine[] => {
  const suspects = diagnosis.suspects.slice(0, 6);
  const { shared, own } = toldOnce(suspects);
  const notes = notesBeside(diagnosis);
  const changes = [
    ...shared.map(({ whose, text }) => ({ label: whose, text })),
    ...suspects.map((suspect, index) => suspectLine(suspect, own[index] ?? [], index)),
  ];
  const other = [...flagLines(diagnosis), ...loadLines(diagnosis)];
  const isOtherFirst = likeliestBeside(diagnosis) > (suspects[0]?.score ?? 0);
  return [
    ...(isOtherFirst ? [...other, ...changes] : [...changes, ...other]),
    { label: `None of these (${sharePercent(noneBeside(diagnosis))})`, text: othersIn(diagnosis) },
    ...(notes.length === 0 ? [] : [linesOf("Note", notes)]),
  ];
};

const isSame = (some: ViewLine[], others: ViewLine[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others);

/** A question that changed an older message of the round: Slack notifies nobody about an edit. */
const laterQuestions = (log: Event[]): Event[] => {
  const opened = log.findLastIndex((event) => event.type === "IncidentOpened");
  const [, ...later] = log
    .slice(opened)
    .filter(({ type }) => type === "MessagePosted" || type === "ApprovalRequested");
  return later.filter(({ type }) => type === "ApprovalRequested");
};

/** Facts that wait for a person. They are shown in the channel as well. */
const calls: Event["type"][] = [
  "ApprovalRequested",
  "SnoozeEnded",
  "FollowUpRefused",
  "DeadlineNeared",
  "PageRequested",
  "IncidentEscalated",
  "FixNotLive",
  "CulpritReturned",
  "ReturnProposed",
  "PullLeftOpen",
  "StepDelayed",
];

const replyOf = ({ marker, at: near, event, title, text }: Fact, oncall: string[]): Reply => {
  const lines =
    event.type === "ApprovalRequested"
      ? [{ label: "Your decision is needed", text: "please answer on the message above" }]
      : [{ label: title, text }];
  if (!calls.includes(event.type) && !isDeployMissing(event) && !isUnlikeApproved(event))
    return { marker, near, lines };
  return { marker, near, lines, broadcast: true, ...(oncall.length > 0 ? { mentions: oncall } : {}) };
};

/** Whether the incident waits until a person deploys. */
const isDeployMissing = (event: Event): boolean => event.type === "FixFound" && event.fix.kind === "deploy";

/** Whether something else than what people approved was merged. */
const isUnlikeApproved = (event: Event): boolean =>
  event.type === "RemedyMerged" && event.differs !== undefined;

/** A fact as a comment tells it. Its text is written when it is asked for: most comments are there already. */
export type Comment = Pick<Fact, "marker" | "at" | "event"> & { entry: () => TimelineEntry };

/** The comments on the pull request. */
export const comments = (incident: Started, log: Event[], deploys: DeployRecord[] = []): Comment[] =>
  factsOf(
    incident,
    log,
    ["ApprovalRequested", "CommandAnswered", "PolicyDecided", ...announced],
    (event) => isLateEnd(event, incident, log) || isLeft(event, incident),
  ).map(({ marker, at, event, ...told }) => ({
    ...{ marker, at, event },
    entry: () => withContext({ marker, at, event, ...told }, incident, { log, deploys }),
  }));

/** Whether a person is still needed, and nothing is watched any more. */
const isLeft = ({ type }: Event, { status }: Started): boolean =>
  type === "FollowingEnded" && status === "escalated";

const withContext = ({ text, links = [], ...fact }: Fact, incident: Started, told: Told): Fact => {
  const context = inContext(fact.event, incident, told);
  const all = [...links, ...context.links];
  return {
    ...fact,
    text: [text, ...context.sentences].filter((sentence) => sentence !== "").join("; "),
    ...(all.length > 0 && { links: all }),
  };
};

const suspectLine = (suspect: Suspect, own: Reason[], index: number): ViewLine =>
  linesOf(`${index === 0 ? "Suspect" : "Also possible"} (${percent(suspect.score)})`, [
    suspectName(suspect),
    ...own.slice(0, index === 0 ? own.length : 2).map(({ text }) => `• ${text}`),
  ]);
