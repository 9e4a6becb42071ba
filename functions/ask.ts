import type { Silence, Terms } from "../shared/incident/approval/votes.ts";
import type { Intent } from "../shared/incident/commands.ts";
import type { In, Message, ShownChart } from "../shared/incident/model.ts";
import { policyDigest } from "../shared/policy/approval/digest.ts";
import type { Required } from "../shared/policy/approval/requirement.ts";
import type { PullNow } from "../shared/ports/pulls.ts";
import type { Service } from "../shared/ports/service.ts";
import { view } from "../shared/text/chat-message.ts";
import { chartFor, withChart } from "./announce/chart.ts";
import { orAnew, withThreadBefore } from "./announce/message.ts";
import { besideTroubles } from "./announce/other-troubles.ts";
import { readGates } from "./approval/gates.ts";
import { decidedOnGithub } from "./approval/github-door.ts";
import { readGround } from "./approval/ground.ts";
import { requiredOf } from "./approval/required.ts";
import { termsOf } from "./approval/terms.ts";
import { doneAsApproved } from "./merge/as-approved.ts";
import { askedFirst } from "./propose/shared-pull.ts";
import { repositoryOf, step, type Work } from "./step.ts";
import { readQuestions } from "./verify/questions.ts";
import { selfRecovery } from "./verify/self-recovery.ts";

/** proposed → ask the people responsible, then see whether the pull request is still what they were asked about. */
export const ask = step("ask", ["proposed"], async (work, incident) => {
  const over = await selfRecovery(work, incident, "ask");
  if (over !== undefined) return over;
  return incident.asked || incident.held !== undefined ? checkPull(work, incident) : request(work, incident);
});

const request = async (work: Work, incident: In<"proposed">): Promise<Intent> => {
  const place = repositoryOf(work, incident.service, incident.remedy);
  const [{ now, ground }, gates, chart] = await Promise.all([
    readGround(work, incident, place),
    readGates(work, place, incident.pull),
    chartFor(work, incident, []),
  ]);
  const done = (await doneAsApproved(work, place, incident, now)) ?? movedOn(incident, now);
  if (done !== undefined) return done;
  const first = await askedFirst(work, incident);
  if (first !== undefined)
    return { type: "RecordReferral", to: first, detail: "the same change is asked about there" };
  const { required, ...asked } = termsOf(work, incident, { place, ground });
  const [texts, silence] = await Promise.all([gates(now.paths), silenceOf(work, incident)]);
  const terms = {
    ...{ ...asked.terms, silence },
    ...(texts.length > 0 && { gates: texts }),
    ...(now.size && { size: now.size }),
  };
  try {
    return await askInSlack(work, incident, { terms, required, ...(chart && { chart }) });
  } catch (error) {
    const door = { place, now, terms: { ...terms, at: proposedAt(work, incident) }, isUnasked: true };
    const decided = await decidedOnGithub(work, incident, door);
    if (decided !== undefined) return decided;
    throw error;
  }
};

/** The consequence of an unanswered question. */
const silenceOf = async (
  { chat, serviceOf }: Work,
  { service, openedAt }: In<"proposed">,
): Promise<Silence> => {
  const { oncall = [], page, deadlineMs } = serviceOf(service).policy;
  const names = await chat.names(oncall);
  if (page === undefined || deadlineMs <= 0) return { oncall: names };
  const to = typeof page === "object" ? "a webhook" : pagers[page];
  return { oncall: names, page: { at: openedAt + deadlineMs, to } };
};
const pagers = { alertmanager: "Alertmanager", pagerduty: "PagerDuty" } as const;

/** The instant at which the pull request was proposed: earlier comments answer an earlier question. */
const proposedAt = ({ serviceOf }: Work, { due, service }: In<"proposed">): number =>
  due - serviceOf(service).policy.approvalMs;

type Asking = { terms: Terms; required: Required; chart?: ShownChart };

const askInSlack = async (
  work: Work,
  incident: In<"proposed">,
  { terms, required, chart }: Asking,
): Promise<Intent> => {
  const { chat } = work;
  const [message, asked] = await Promise.all([
    question(work, { ...incident, terms }, chart),
    namesOf(chat, [...new Set(required.groups.flatMap(({ approvers }) => approvers))]),
  ]);
  const link = await chat.linkTo(message);
  const { head } = incident.pull;
  return { type: "RecordRequest", message, head, terms, asked, ...(link !== undefined && { link }) };
};

/** The names of the approvers: Slack's names, and teams and accounts of GitHub as written. */
const namesOf = async (chat: Work["chat"], approvers: string[]): Promise<string[]> => {
  const isOnGithub = (approver: string): boolean => approver.startsWith("github:");
  const inSlack = await chat.names(approvers.filter((one) => !isOnGithub(one)));
  return [...inSlack, ...approvers.filter(isOnGithub).map((one) => one.replace(/^github:(team|user)\//, ""))];
};

/** Posts the question, or makes the incident's message the question. */
const question = async (
  work: Work,
  incident: In<"proposed"> & { terms: Terms },
  chart: ShownChart | undefined,
): Promise<Message> => {
  const { chat, serviceOf, pageOf } = work;
  const { channel, policy } = serviceOf(incident.service);
  const beside = await besideTroubles(work.store, incident);
  const now = withChart(view({ ...incident, asked: true }, pageOf(incident.id), policy.oncall, beside), {
    ...{ chart, incident, log: [] },
  });
  const shows = chart && { chart };
  const { message: posted } = incident;
  if (posted === undefined) return { ...(await chat.post(channel, now, incident.openedAt)), ...shows };
  const shown = await withThreadBefore(chat, now, posted);
  const anew = await orAnew(work, { incident, message: posted, now }, () => chat.update(posted, shown));
  return anew === undefined ? { ...posted, ...shows } : { ...anew, before: posted.ts, ...shows };
};

/** People may merge, close or push by hand. An alert that joined later gets its question. */
const checkPull = async (work: Work, incident: In<"proposed">): Promise<Intent | null> => {
  const { service, remedy, pull } = incident;
  const place = repositoryOf(work, service, remedy);
  const now = await work.pulls.pull(place, pull);
  const done = await doneAsApproved(work, place, incident, now);
  if (done !== undefined) return done;
  const questions = await readQuestions(work, incident);
  if (questions.length > 0) return { type: "RecordQuestions", questions };
  const moved = movedOn(incident, now);
  if (moved !== undefined) return moved;
  const terms = incident.terms ?? termsOfHeld(incident, now);
  const decided = terms && (await decidedOnGithub(work, incident, { place, now, terms }));
  if (decided !== undefined) return decided;
  return incident.held === undefined ? changedTerms(work, incident, place) : null;
};

/** A hold ends the question; those who may release it are known from the paths. */
const termsOfHeld = (incident: In<"proposed">, { paths }: PullNow): Terms | undefined => {
  if (incident.held === undefined) return undefined;
  const ground = { paths, authors: [], isComplete: false };
  return { nonce: "", policy: "", ground, at: incident.held.since };
};

const movedOn = ({ pull }: In<"proposed">, now: PullNow): Intent | undefined =>
  now.pull.head === pull.head && now.pull.diff === pull.diff
    ? undefined
    : { type: "RecordMove", detail: "the pull request's branch has new commits", pull: now.pull };

/** A question of terms that have changed is asked anew. */
const changedTerms = (work: Work, incident: In<"proposed">, place: Service): Intent | null => {
  const { terms, pull } = incident;
  if (terms === undefined)
    return { type: "RecordMove", detail: "an older version asked, which did not note its terms", pull };
  const config = work.configuration();
  const required = requiredOf(config, incident, place, terms.ground);
  if (terms.policy === policyDigest(required)) return null;
  return { type: "RecordMove", detail: "who may approve this has changed", pull };
};
