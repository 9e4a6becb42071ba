import type { Intent } from "../shared/incident/commands.ts";
import type { In, Message } from "../shared/incident/model.ts";
import { view } from "../shared/text/chat-message.ts";
import { besideTroubles } from "./announce/beside.ts";
import { orAnew } from "./announce/message.ts";
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
  const { chat, serviceOf } = work;
  const { approvers } = serviceOf(incident.service);
  const [message, asked] = await Promise.all([question(work, incident), chat.names(approvers)]);
  const link = await chat.linkTo(message);
  const { head } = incident.pull;
  return { type: "RecordRequest", message, head, asked, ...(link !== undefined && { link }) };
};

/** Posts the question, or makes the incident's message the question. */
const question = async (work: Work, incident: In<"proposed">): Promise<Message> => {
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
  if (now.pull.head === pull.head && now.pull.diff === pull.diff) return null;
  return { type: "RecordMove", detail: "the pull request's branch has new commits", pull: now.pull };
};
