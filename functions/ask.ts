import type { Intent } from "../shared/incident/commands.ts";
import type { In, Message } from "../shared/incident/model.ts";
import type { Terms } from "../shared/incident/votes.ts";
import { policyDigest } from "../shared/policy/approval/digest.ts";
import type { PullNow } from "../shared/ports/pulls.ts";
import type { Service } from "../shared/ports/service.ts";
import { view } from "../shared/text/chat-message.ts";
import { besideTroubles } from "./announce/beside.ts";
import { orAnew } from "./announce/message.ts";
import { readGround } from "./approval/ground.ts";
import { requiredOf } from "./approval/required.ts";
import { termsOf } from "./approval/terms.ts";
import { doneOnGitHub } from "./pull-state.ts";
import { repositoryOf, step, type Work } from "./step.ts";
import { readQuestions } from "./verify/questions.ts";
import { selfRecovery } from "./verify/self-recovery.ts";

/** proposed → ask the people responsible, then see whether the pull request is still what they were asked about. */
export const ask = step("ask", ["proposed"], async (work, incident) => {
  const over = await selfRecovery(work, incident, "ask");
  if (over !== undefined) return over;
  return incident.asked ? checkPull(work, incident) : request(work, incident);
});

const request = async (work: Work, incident: In<"proposed">): Promise<Intent> => {
  const { chat } = work;
  const place = repositoryOf(work, incident.service, incident.remedy);
  const { now, ground } = await readGround(work, incident, place);
  const done = doneOnGitHub(place, incident.pull, now) ?? movedOn(incident, now);
  if (done !== undefined) return done;
  const { terms, required } = termsOf(work, incident, { place, ground });
  const [message, asked] = await Promise.all([
    question(work, { ...incident, terms }),
    namesOf(chat, [...new Set(required.groups.flatMap(({ approvers }) => approvers))]),
  ]);
  const link = await chat.linkTo(message);
  const { head } = incident.pull;
  return { type: "RecordRequest", message, head, terms, asked, ...(link !== undefined && { link }) };
};

/** Of the approvers: as Slack names them, and teams and accounts of GitHub as they are written there. */
const namesOf = async (chat: Work["chat"], approvers: string[]): Promise<string[]> => {
  const isOnGithub = (approver: string): boolean => approver.startsWith("github:");
  const inSlack = await chat.names(approvers.filter((one) => !isOnGithub(one)));
  return [...inSlack, ...approvers.filter(isOnGithub).map((one) => one.replace(/^github:(team|user)\//, ""))];
};

/** Posts the question, or makes the incident's message the question. */
const question = async (work: Work, incident: In<"proposed"> & { terms: Terms }): Promise<Message> => {
  const { chat, serviceOf, pageOf } = work;
  const { channel, policy } = serviceOf(incident.service);
  const beside = await besideTroubles(work.store, incident);
  const now = view({ ...incident, asked: true }, pageOf(incident.id), policy.oncall, beside);
  const { message: posted } = incident;
  if (posted === undefined) return chat.post(channel, now, incident.openedAt);
  const anew = await orAnew(work, { incident, message: posted, now }, () => chat.update(posted, now));
  return anew ?? posted;
};

/** People may merge, close or push by hand. An alert that joined later gets its question. */
const checkPull = async (work: Work, incident: In<"proposed">): Promise<Intent | null> => {
  const { service, remedy, pull } = incident;
  const place = repositoryOf(work, service, remedy);
  const now = await work.pulls.pull(place, pull);
  const done = doneOnGitHub(place, pull, now);
  if (done !== undefined) return done;
  const questions = await readQuestions(work, incident);
  if (questions.length > 0) return { type: "RecordQuestions", questions };
  return movedOn(incident, now) ?? changedTerms(work, incident, place);
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
