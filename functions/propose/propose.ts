import { UpstreamError } from "../../shared/errors.ts";
import { headBlock } from "../../shared/incident/chain/block.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import { ofAnother } from "../../shared/incident/decide/diagnosis.ts";
import { type In, incidentId, type Remedy, type Revert, takenUp } from "../../shared/incident/model.ts";
import { isSamePull } from "../../shared/incident/remedies/remedies.ts";
import { noteOfReplacement } from "../../shared/remedy/revert/pull-request.ts";
import { lastQuestion } from "../diagnose/open-question.ts";
import { proposable } from "../limits/proposal.ts";
import { repositoryOf, step, type Work } from "../step.ts";
import { selfRecovery } from "../verify/self-recovery.ts";
import { type Proposing, revert } from "./revert.ts";
import { rollback } from "./rollback.ts";
import { scale } from "./scale.ts";
import { incidentWithRemedy, isAskedElsewhere } from "./shared-pull.ts";
import { isNamed, openFromBranch } from "./unfinished.ts";
import { withdraw } from "./withdraw.ts";

/** diagnosed → open the pull request of the remedy that is to be taken up, or say why not. At most one is open at a time. */
export const propose = step("propose", ["diagnosed"], async (work, diagnosed) => {
  const over = await selfRecovery(work, diagnosed, "propose");
  if (over !== undefined) return over;
  const remedy = diagnosed.diagnosis.remedies[takenUp(diagnosed).at(-1) ?? 0];
  if (remedy === undefined) return unoffered(work, diagnosed);
  const last = await lastQuestion(work, diagnosed);
  const incident = last === undefined ? diagnosed : outdating(diagnosed, last, remedy);
  const branch = incident.diagnosis.suspects.find(({ sha }) => isOf(remedy, sha))?.change?.branch;
  if (branch !== undefined) return { type: "Escalate", reason: "refused", detail: elsewhere(remedy, branch) };
  const merged = await closeReplaced(work, incident, remedy);
  if (merged !== undefined) return { type: "Escalate", reason: "refused", detail: merged };
  const again = last && askedAgain(last, remedy);
  if (again !== undefined) return again;
  const shared = await incidentWithRemedy(work, incident, remedy);
  if (shared !== undefined)
    return { type: "RecordReferral", to: shared, detail: "the same change is asked about there" };
  const limited = await proposable(work, incident, remedy);
  if ("refused" in limited) return limited.refused;
  const { replaced } = incident;
  const isOutdated = replaced?.why !== undefined && !replaced.again;
  const service = repositoryOf(work, incident.service, remedy);
  const proposing = { work, incident, service, ...(isOutdated && { instead: replaced.pull.number }) };
  const made = await open(proposing, remedy).catch((error: unknown) => unfinished(proposing, remedy, error));
  return withLook(made, limited.look);
});

type Question = NonNullable<Awaited<ReturnType<typeof lastQuestion>>>;

/** The open pull request of the last question. Nobody looked at it yet, so no machine may say yes to it now. */
const askedAgain = ({ remedy: asked, now }: Question, remedy: Remedy): Intent | undefined => {
  if (now.state !== "open" || now.conflicts || !isSamePull(asked, remedy)) return undefined;
  const first = withFirst(asked, remedy.kind === "revert" ? remedy : {});
  return {
    type: "RecordProposal",
    remedy: { ...first, score: remedy.score },
    pull: now.pull,
    guarded: true,
  };
};

/** The open pull request of the last question that cannot be merged any more gives way to another of the same remedy. */
const outdating = (
  incident: In<"diagnosed">,
  { remedy: asked, pull, now }: Question,
  remedy: Remedy,
): In<"diagnosed"> => {
  const isOutdated = now.state === "open" && now.conflicts && isSamePull(asked, remedy);
  if (incident.replaced !== undefined || !isOutdated) return incident;
  const why = `#${pull.number} conflicts with ${pull.base} as it is now`;
  return { ...incident, replaced: { remedy: asked, pull, by: "", why } };
};

/** The remedy as it was asked about before, with the redeploy that fits now. */
const withFirst = (asked: Remedy, { first }: Partial<Revert>): Remedy => {
  if (asked.kind !== "revert") return asked;
  const { first: _, ...plain } = asked;
  return first === undefined ? plain : { ...plain, first };
};

/** The proposal with more that people are to look at: no machine may say yes to it then. */
const withLook = (made: Intent, more: string[]): Intent =>
  made.type !== "RecordProposal" || more.length === 0
    ? made
    : { ...made, guarded: true, look: [...(made.look ?? []), ...more] };

/** A pull request that was opened before GitHub refused its label or its status for good: people find it on the incident. */
const unfinished = async ({ work, service }: Proposing, remedy: Remedy, error: unknown): Promise<Intent> => {
  if (!(error instanceof UpstreamError) || error.retryable || !isNamed(remedy)) throw error;
  const pull = await openFromBranch(work, service, remedy);
  if (pull === undefined) throw error;
  const detail = `pull request #${pull.number} was opened, but not completed: ${error.message}`;
  return { type: "Escalate", reason: "refused", detail, made: { remedy, pull } };
};

const isOf = (remedy: Remedy, sha: string): boolean => remedy.kind === "revert" && remedy.sha === sha;

const elsewhere = (remedy: Remedy, branch: string): string =>
  `${remedy.kind === "revert" && remedy.from !== undefined ? remedy.title : `“${remedy.title}”`} is on ${branch}, not on the service's branch: it must be reverted on ${branch}, by hand`;

/** Another service's change is its people's to decide about, where that service has this environment. */
const unoffered = ({ serviceOf }: Work, { environment, diagnosis }: In<"diagnosed">): Intent => {
  const owner = diagnosis.suspects[0]?.of;
  if (owner === undefined)
    return { type: "Escalate", reason: "no_suspect", detail: "the diagnosis offers no remedy" };
  const detail = ofAnother(diagnosis);
  if (!serviceOf(owner.service).environments.includes(environment)) {
    const why = `${owner.service} has no environment ${environment} in the configuration, so they are not asked`;
    return { type: "Escalate", reason: "elsewhere", detail: `${detail}; ${why}` };
  }
  return { type: "RecordReferral", to: incidentId(owner.service, environment), detail };
};

const open = (proposing: Proposing, remedy: Remedy) => {
  if (remedy.kind === "scale") return scale(proposing, remedy);
  if (remedy.kind === "withdraw") return withdraw(proposing, remedy);
  return remedy.in === "gitops" && remedy.from === undefined
    ? rollback(proposing, remedy)
    : revert(proposing, remedy);
};

/** Closes the pull request of the one that another takes the place of; a sentence when someone has merged it meanwhile. */
const closeReplaced = async (
  work: Work,
  incident: In<"diagnosed">,
  next: Remedy,
): Promise<string | undefined> => {
  const { id, service: name, round, replaced } = incident;
  if (replaced === undefined) return undefined;
  const { pulls } = work;
  const { pull, remedy } = replaced;
  // One that cannot be merged any more gives way to another of the same remedy.
  if (replaced.why === undefined && isSamePull(remedy, next)) return undefined;
  const service = repositoryOf(work, name, remedy);
  const now = await pulls.pull(service, pull);
  if (now.state === "merged")
    return `pull request #${pull.number} was merged by ${now.by ?? "someone on GitHub"} while another took its place`;
  if (now.state === "closed" || (await isAskedElsewhere(work, incident, pull))) return undefined;
  const record = headBlock(incident, pull);
  await pulls.comment(service, pull, [{ ...noteOfReplacement({ id, round, replaced }), record }]);
  await pulls.setCheck(service, {
    head: pull.head,
    state: "failure",
    description: "another pull request takes its place",
  });
  await pulls.closePull(service, pull);
  return undefined;
};
