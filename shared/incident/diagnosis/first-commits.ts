import type { Sha } from "../../brands.ts";
import type { Diagnosis, Suspect } from "../model.ts";
import { percent } from "../percent.ts";
import { revertOf } from "./ruled-out.ts";

const why = "it is the first commit of its repository, so there is nothing to go back to";

/** The diagnosis with the first commits of repositories named as such, and without their reverts. The next change takes their place. */
export const withFirstCommits = (diagnosis: Diagnosis, firsts: Sha[]): Diagnosis => {
  const isFirst = (sha: Sha): boolean => firsts.includes(sha);
  if (!diagnosis.suspects.some(({ sha }) => isFirst(sha))) return diagnosis;
  const suspects = diagnosis.suspects.map((one) => (isFirst(one.sha) ? named(one) : one));
  const remedies = diagnosis.remedies.filter(
    (remedy) => remedy.kind !== "revert" || remedy.from !== undefined || !isFirst(remedy.sha),
  );
  const instead = remedies.length === 0 && diagnosis.remedies.length > 0 ? revertOf(suspects) : undefined;
  return { ...diagnosis, suspects, remedies: instead === undefined ? remedies : [instead] };
};

const named = (suspect: Suspect): Suspect => ({
  ...suspect,
  reasons: [why, ...suspect.reasons],
  ...(suspect.kinds && { kinds: ["measured" as const, ...suspect.kinds] }),
  isFirst: true,
});

/** Why the likeliest change is not proposed, when it is the first commit of its repository. */
export const firstCommitProblem = ({ suspects: [first] }: Diagnosis): string | undefined =>
  first?.isFirst === undefined
    ? undefined
    : `the likeliest change, ${first.sha.slice(0, 12)} “${first.title}” (${percent(first.score)}), cannot be taken back: ${why}`;
