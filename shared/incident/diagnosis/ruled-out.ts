import type { Sha } from "../../brands.ts";
import { isOpen } from "../approval/question.ts";
import type { CommandOf } from "../commands.ts";
import type { Event } from "../events.ts";
import type { Diagnosis, In, Incident, Remedy, Revert, Suspect } from "../model.ts";
import { takenUp } from "../model.ts";
import { percent } from "../percent.ts";
import type { Policy } from "../policy.ts";

/** The change that a person rules out by refusing this remedy. A whole deploy and a scale name no single change. */
export const culpritOf = (remedy: Remedy): Sha | undefined =>
  remedy.kind === "revert" && remedy.from === undefined ? remedy.sha : undefined;

/** The diagnosis with the knowledge that this change did not do it: the others share its probability. The places of remedies stay. */
export const withoutSuspect = (diagnosis: Diagnosis, sha: Sha): Diagnosis => {
  const ruledOut = diagnosis.suspects.find((one) => one.sha === sha);
  if (ruledOut === undefined) return diagnosis;
  const rest = Math.max(0.01, 1 - ruledOut.score);
  const share = (score: number): number => Math.min(1, score / rest);
  const suspects = diagnosis.suspects
    .filter((one) => one !== ruledOut)
    .map((one) => ({ ...one, score: share(one.score) }));
  const remedies = diagnosis.remedies.map((remedy): Remedy => {
    if (culpritOf(remedy) === sha) return { ...remedy, score: 0 };
    const isWhole = remedy.kind === "revert" && remedy.from !== undefined;
    return { ...remedy, score: share(isWhole ? Math.max(0, remedy.score - ruledOut.score) : remedy.score) };
  });
  return {
    ...diagnosis,
    suspects,
    none: share(diagnosis.none),
    remedies: [...remedies, ...missing(suspects, remedies)],
  };
};

/** The revert of the likeliest suspect, where none is offered yet and it is ours to offer. */
const missing = (suspects: Suspect[], remedies: Remedy[]): Revert[] => {
  const revert = revertOf(suspects);
  return revert === undefined || remedies.some((remedy) => culpritOf(remedy) === revert.sha) ? [] : [revert];
};

/** The revert of the likeliest suspect that can be taken back; undefined where it is not ours to offer. */
export const revertOf = (suspects: Suspect[]): Revert | undefined => {
  const first = suspects.find(({ isFirst }) => isFirst !== true);
  if (first === undefined || first.of !== undefined || first.own !== undefined) return undefined;
  const { sha, title, score, in: where, repository } = first;
  return {
    ...{ kind: "revert", sha, title, score },
    ...(where && { in: where }),
    ...(repository !== undefined && { repository }),
  };
};

/** The diagnosis after this question's “not this one”, and the remedy that would be asked about next, by its place. */
export const afterRulingOut = (
  incident: Pick<In<"proposed">, "remedy" | "diagnosis" | "taken">,
): { diagnosis: Diagnosis; choice?: number } => {
  const sha = culpritOf(incident.remedy);
  const diagnosis = sha === undefined ? incident.diagnosis : withoutSuspect(incident.diagnosis, sha);
  const taken = takenUp(incident);
  const [best] = diagnosis.remedies
    .map(({ score }, choice) => ({ score, choice }))
    .filter(({ score, choice }) => score > 0 && !taken.includes(choice))
    .toSorted((a, b) => b.score - a.score);
  return { diagnosis, ...(best !== undefined && { choice: best.choice }) };
};

/** A person says that it was not this one. The next remedy is asked about when it reaches the policy's bar; else people take over. */
export const ruleOut = (incident: Incident, command: CommandOf<"RuleOut">, policy: Policy): Event[] => {
  const { at, by } = command;
  if (!isOpen(incident, command, at)) return [];
  const { diagnosis, choice } = afterRulingOut(incident);
  const next = choice === undefined ? undefined : diagnosis.remedies[choice];
  const isAsked = next !== undefined && next.score >= policy.minConfidence;
  const ruled: Event = {
    ...{ type: "RemedyRuledOut", at, by, remedy: incident.remedy, diagnosis, due: at + policy.stepMs },
    ...(isAsked && choice !== undefined && { choice }),
  };
  if (isAsked) return [ruled];
  const best = next === undefined ? "no other option is left" : `the next option has ${percent(next.score)}`;
  const detail = `${by} ruled out “${incident.remedy.title}”, and ${best}; the policy asks for ${percent(policy.minConfidence)}`;
  return [ruled, { type: "IncidentEscalated", at, reason: "low_confidence", detail }];
};
