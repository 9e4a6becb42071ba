import { isNewRefusal } from "../../shared/incident/approval/refusals.ts";
import { type Ground, missingVotes, type Terms, type Vote } from "../../shared/incident/approval/votes.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { Diagnosis, In, Pull } from "../../shared/incident/model.ts";
import { fromGithub, personKey } from "../../shared/policy/approval/person.ts";
import type { Said, Spoken } from "../../shared/ports/accounts.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { personName } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { readCommand, usage } from "./command.ts";
import { entitled, type Refusal } from "./groups.ts";
import { type Approver, voteOf } from "./person.ts";
import { requiredOf } from "./required.ts";

type Questioned = In<"proposed" | "approved">;
type Answer = Extract<Intent, { type: "AnswerCommand" }>;
type Escalated = In<"escalated"> & { pull: Pull };
/** `isUnasked`: the terms are of a question that Slack did not take. */
type Door = { place: Service; now: PullNow; terms: Terms; isUnasked?: boolean };
type Asked = Door & { work: Work; incident: Questioned; ground: Ground };

/** The first decision that people took on the pull request and that is not recorded yet; undefined when there is none. */
export const decidedOnGithub = async (
  work: Work,
  incident: Questioned,
  door: Door,
): Promise<Intent | undefined> => {
  const asked = { work, incident, ...door, ground: door.terms.ground };
  const label = byLabel(asked);
  if (label !== undefined) return label;
  const said = await work.accounts.said(door.place, incident.pull);
  return (
    (await byCommand(asked, said)) ??
    takenBack(asked, said) ??
    (await byChanges(asked, said)) ??
    (await byReview(asked, said))
  );
};

const labelled = "the label countersteer/hold is set on the pull request; remove it to go on";

/** Anybody who may set the label may hold. */
const byLabel = ({ incident, now }: Asked): Intent | undefined => {
  const { held, pull } = incident;
  if (now.held && held === undefined)
    return { type: "Hold", by: "github", who: "the label", detail: `#${pull.number}: ${labelled}` };
  if (!now.held && held?.by === "github" && held.who === "the label")
    return { type: "Release", detail: "the label countersteer/hold was removed" };
  return undefined;
};

const byCommand = async (asked: Asked, { commands }: Said): Promise<Intent | undefined> => {
  const { incident, terms } = asked;
  const fresh = commands.find(({ id, at }) => id > (incident.answered ?? 0) && at >= terms.at);
  return fresh && obey(asked, fresh);
};

const obey = async (asked: Asked, spoken: Spoken): Promise<Intent> => {
  const { incident } = asked;
  const { id: comment, by } = spoken;
  const answer = (text: string): Answer => ({ type: "AnswerCommand", comment, by, text });
  const command = readCommand(spoken.text);
  if (command.does === "unknown") return answer(usage);
  if (command.does === "explain") return answer(explanation(incident));
  const approver = await approverOn(asked, by);
  if ("refused" in approver) return { ...answer(approver.refused), code: approver.code };
  switch (command.does) {
    case "approve":
      return approving(asked, spoken, approver);
    case "reject":
      if (command.why === "") return answer("say why: /countersteer reject WHY");
      return { type: "Reject", head: incident.pull.head, by: named(by), detail: command.why, comment };
    case "hold":
      if (incident.held !== undefined) return answer(incident.held.detail);
      return { type: "Hold", by: "github", who: "a comment", comment, detail: holdText(by) };
    case "retry":
      if (incident.held?.by !== "github") return answer("nothing waits to be tried again");
      return { type: "Release", detail: `${by} has it go on`, comment };
  }
};

const named = (login: string): string => `${login} (GitHub)`;
const holdText = (by: string): string =>
  `on hold by a comment of ${by}; comment /countersteer retry on the pull request to go on`;

const approving = (asked: Asked, { id: comment, by }: Spoken, approver: Approver): Intent => {
  const { incident, terms } = asked;
  const answer = (text: string): Intent => ({ type: "AnswerCommand", comment, by, text });
  if (incident.status === "approved")
    return answer(`it is approved by ${personName(incident.approval.by)} already`);
  if (incident.held !== undefined) return answer(incident.held.detail);
  const { votes = [] } = incident;
  const mine = votes.find(({ person }) => person === personKey(approver.person));
  if (mine !== undefined)
    return answer(
      `your approval counts already; still needed: ${missingVotes(votes, approver.required).join(", ")}`,
    );
  const vote = { ...voteOn(asked, by, approver), comment };
  return { ...approval(asked, vote, approver), comment, ...(asked.isUnasked && { terms }) };
};

/** The command that has an escalated incident go on, or the answer to another one; undefined when there is no new one. */
export const retriedOnGithub = async (
  work: Work,
  incident: Escalated,
  { place, now }: Pick<Door, "place" | "now">,
): Promise<Intent | undefined> => {
  const { commands } = await work.accounts.said(place, incident.pull);
  const spoken = commands.find(({ id, at }) => id > (incident.answered ?? 0) && at >= incident.endedAt);
  if (spoken === undefined) return undefined;
  const { id: comment, by } = spoken;
  const answer = (text: string): Answer => ({ type: "AnswerCommand", comment, by, text });
  const { does } = readCommand(spoken.text);
  if (does === "unknown") return answer(usage);
  if (does === "explain") return answer(explanation(incident));
  if (does !== "retry")
    return answer(
      `the incident needs a person (${incident.detail}); /countersteer retry has it go on, or merge or close this pull request`,
    );
  const ground = incident.terms?.ground ?? { paths: now.paths, authors: [], isComplete: false };
  const approver = await approverOn({ work, incident, place, ground }, by);
  if ("refused" in approver) return { ...answer(approver.refused), code: approver.code };
  return { type: "Retry", by: named(by), comment };
};

const explanation = ({ diagnosis }: { diagnosis?: Diagnosis }): string => {
  const [first] = diagnosis?.suspects ?? [];
  if (first === undefined) return "no change is suspected";
  return `${first.sha.slice(0, 12)} is suspected: ${first.reasons.join("; ")}`;
};

/** A review that approves counts for the very head, as long as it stands. */
const takenBack = ({ incident }: Asked, { reviews }: Said): Intent | undefined => {
  const votes = (incident.status === "approved" ? incident.approval.votes : incident.votes) ?? [];
  const gone = votes.find(
    (vote) => vote.door === "github" && vote.comment === undefined && !stands(vote, incident, reviews),
  );
  return (
    gone && {
      ...{ type: "TakeBack", person: gone.person, by: gone.by },
      detail: `the review of ${gone.by} does not approve it any more`,
    }
  );
};

const stands = ({ by }: Vote, { pull }: Questioned, reviews: Said["reviews"]): boolean =>
  reviews.some(
    (review) => named(review.by) === by && review.state === "approved" && review.head === pull.head,
  );

/** An approver who asks for changes holds it until the review is dismissed or approves. */
const byChanges = async (asked: Asked, { reviews }: Said): Promise<Intent | undefined> => {
  const { held } = asked.incident;
  const asking = reviews.filter(({ state }) => state === "changes_requested");
  if (held?.by === "github" && held.who.startsWith("a review"))
    return asking.some(({ by }) => held.who === `a review of ${by}`)
      ? undefined
      : { type: "Release", detail: "the review that asked for changes was dismissed or changed" };
  if (held !== undefined) return undefined;
  for (const { by } of asking) {
    const approver = await approverOn(asked, by);
    if ("refused" in approver) continue;
    const detail = `a review of ${by} asks for changes; it goes on when the review approves or is dismissed`;
    return { type: "Hold", by: "github", who: `a review of ${by}`, detail };
  }
  return undefined;
};

const byReview = async (asked: Asked, { reviews }: Said): Promise<Intent | undefined> => {
  const { incident, work, terms } = asked;
  if (incident.status !== "proposed" || incident.held !== undefined) return undefined;
  const people = work.configuration().people ?? {};
  const voted = new Set((incident.votes ?? []).map(({ person }) => person));
  let refusal: Refused | undefined;
  for (const { by, state, head } of reviews) {
    if (state !== "approved" || head !== incident.pull.head) continue;
    if (voted.has(personKey(fromGithub(people, by)))) continue;
    const approver = await approverOn(asked, by);
    if (!("refused" in approver))
      return { ...approval(asked, voteOn(asked, by, approver), approver), ...(asked.isUnasked && { terms }) };
    const { code, refused: detail } = approver;
    const told: Refused = { type: "RecordRefusal", by: named(by), attempt: "approve", code, detail };
    if (isNewRefusal(incident, told)) refusal ??= told;
  }
  return refusal;
};

type Refused = Extract<Intent, { type: "RecordRefusal" }>;

const voteOn = ({ work, terms }: Asked, by: string, approver: Approver): Vote =>
  voteOf(approver, { at: work.clock(), by: named(by), door: "github", ground: terms.ground });

const approval = (
  { incident }: Asked,
  vote: Vote,
  { required }: Approver,
): Extract<Intent, { type: "Approve" }> => ({
  ...{ type: "Approve", head: incident.pull.head, vote, required },
});

type Entitling = { work: Work; incident: Questioned | In<"escalated">; place: Service; ground: Ground };

/** The account as an approver by the configuration as it is now, or why it is none. Throws when that cannot be read. */
const approverOn = async (
  { work, incident, place, ground }: Entitling,
  login: string,
): Promise<Approver | Refusal> => {
  const config = work.configuration();
  const person = fromGithub(config.people ?? {}, login);
  const required = requiredOf(config, incident, place, ground);
  const now = await entitled(work, { person, groups: required.groups });
  if ("refused" in now) return now;
  if (now.of.length > 0) return { person, of: now.of, required };
  const refused = `${login} is not an approver of ${incident.service}; nothing was changed`;
  return { refused, code: "not_approver" };
};
