import type { Sha } from "../../brands.ts";
import type { Event, EventOf } from "../events.ts";
import type { Diagnosis, In, Incident, Remedy, Revert, Tried, Withdraw } from "../model.ts";
import { takenUp } from "../model.ts";

/** The number of remedies without effect after which people take over. */
export const maxTried = 3;

/** The diagnosis with the knowledge that these remedies did not help: the last one is to be put back, and others become likelier. */
export const withoutTried = (diagnosis: Diagnosis, tried: Tried[] = []): Diagnosis => {
  const last = tried.at(-1);
  if (last === undefined) return diagnosis;
  const innocent = new Set(innocentCommits(tried));
  const cleared = diagnosis.suspects.filter(({ sha }) => innocent.has(sha));
  const rest = Math.max(0.01, 1 - cleared.reduce((sum, { score }) => sum + score, 0));
  const likelier = <T extends { score: number }>(one: T): T => ({
    ...one,
    score: Math.min(1, one.score / rest),
  });
  const others = diagnosis.remedies.filter((remedy) => !tried.some((one) => isSame(one.remedy, remedy)));
  return {
    ...diagnosis,
    suspects: diagnosis.suspects.filter(({ sha }) => !innocent.has(sha)).map(likelier),
    none: Math.min(1, diagnosis.none / rest),
    notes: [...tried.map(noteOf), ...(diagnosis.notes ?? [])],
    remedies: [withdrawalOf(last), ...others.map(likelier)],
  };
};

/** The commits that cannot have done it: without them the trouble went on. */
export const innocentCommits = (tried: Tried[] = []): Sha[] => tried.flatMap(({ commits }) => commits);

const isSame = (one: Tried["remedy"], other: Remedy): boolean => {
  if (one.kind === "revert") return other.kind === "revert" && other.sha === one.sha;
  return other.kind === "scale" && other.target === one.target && other.to === one.to;
};

const noteOf = ({ remedy, pull, detail }: Tried): string =>
  `pull request #${pull.number} (“${remedy.title}”) did not help: ${detail}`;

/** The withdrawal of a remedy has the score 1, as it undoes our own change. A person is asked in any case. */
const withdrawalOf = ({ remedy, merge, pull }: Tried): Withdraw => ({
  ...{ kind: "withdraw", of: remedy, merge: merge.sha, pull: pull.number, title: remedy.title, score: 1 },
  ...(remedy.in && { in: remedy.in }),
  ...(remedy.repository && { repository: remedy.repository }),
});

/** Takes up the next remedy that is likely enough once a withdrawal is live, or hands over to people. */
export const afterWithdrawal = (
  { diagnosis, taken }: Pick<In<"merged">, "diagnosis" | "taken">,
  at: number,
  { minConfidence, stepMs }: { minConfidence: number; stepMs: number },
): Event => {
  const used = takenUp({ ...(taken && { taken }) });
  const choice = diagnosis.remedies.findIndex(
    (remedy, index) => !used.includes(index) && remedy.kind !== "withdraw" && remedy.score >= minConfidence,
  );
  if (choice >= 0) return { type: "RemedyWithdrawn", at, choice, due: at + stepMs };
  const detail = "the remedy did not help and is put back; no other change is likely enough to be taken back";
  return { type: "IncidentEscalated", at, reason: "not_recovered", detail };
};

/** The incident after its live remedy had no effect: it is diagnosed again. */
export const retried = (incident: Incident, { detail, due }: EventOf<"RemedyIneffective">): Incident => {
  if (incident.status !== "deployed") return incident;
  const { diagnosis, remedy, pull, merge, followUp } = incident;
  if (remedy === undefined || remedy.kind === "withdraw" || pull === undefined || merge === undefined)
    return incident;
  const {
    diagnosis: _,
    taken: __,
    replaced: ___,
    lookAt: ____,
    basis: _____,
    ...rest
  } = unproposed(incident);
  const commits = remedy.kind === "revert" ? commitsOf(diagnosis, remedy) : [];
  const followed = followUp !== undefined && "pull" in followUp && { followUp };
  const tried = [...(incident.tried ?? []), { remedy, pull, merge, detail, commits, ...followed }];
  return { ...rest, status: "opened", tried, due };
};

/** The live incident without its remedy and everything that followed from it. */
const unproposed = (incident: In<"deployed">) => {
  const { remedy: _, pull: __, look: ___, approval: ____, merge: _____, deploy: ______, ...rest } = incident;
  const { fix: _______, followUp: ________, notLive: _________, delay: __________, ...more } = rest;
  const { referral: ___________, revertLive: ____________, ...left } = more;
  return left;
};

const commitsOf = ({ suspects }: Diagnosis, { sha }: Revert): Sha[] => {
  const change = suspects.find((suspect) => suspect.sha === sha)?.change;
  return [...new Set([sha, ...(change?.commits ?? [])])];
};

/** The incident once its withdrawal is live: the next remedy is taken up. */
export const withdrawn = (incident: Incident, { choice, due }: EventOf<"RemedyWithdrawn">): Incident => {
  if (incident.status !== "deployed") return incident;
  const { replaced: _, ...rest } = unproposed(incident);
  return { ...rest, status: "diagnosed", taken: [...takenUp(incident), choice], due };
};
