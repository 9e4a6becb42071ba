import type { Diagnosis, Redeploy, Redeployment, Remedy, Revert } from "../incident/model.ts";
import { firstOf } from "../incident/remedies/redeploy.ts";
import { isSamePull } from "../incident/remedies/remedies.ts";
import { span } from "./format.ts";
import { deployName } from "./timeline.ts";

/** The two ways beside each other: with a redeploy first, and without. Times are said only where they were measured. */
export const compared = (first: Redeploy, revertMs: number | undefined): string[] => [
  `redeploy ${deployName(first)}${about(first.takesMs)}, then the revert`,
  `the revert alone${about(revertMs)}`,
];

const about = (ms: number | undefined): string => (ms === undefined ? "" : `, about ${span(ms)}`);

/** The same revert of the diagnosis with a redeploy that only a person may choose. */
export const choiceBeside = (remedy: Remedy, { remedies }: Diagnosis): Redeploy | undefined => {
  if (remedy.kind !== "revert" || remedy.first !== undefined) return undefined;
  const other = remedies.find((one) => isSamePull(one, remedy) && firstOf(one)?.why !== undefined);
  return other && firstOf(other);
};

/** The reasons why a person must choose the redeploy, as one sentence. */
export const choiceText = ({ why = [], ...first }: Redeploy): string =>
  `${deployName(first)} can be put back first; it is your choice, as ${why.join("; ")}`;

/** The redeploy that an approval would order: none once this round has one. */
export const firstToCome = ({ remedy, redeploy }: Redeploying): Redeploy | undefined =>
  redeploy === undefined ? firstOf(remedy) : undefined;

type Redeploying = { remedy: Remedy; redeploy?: Redeployment };

/** The present state of a redeploy that comes before the merge; undefined without one. */
export const redeployState = ({ remedy, redeploy }: Redeploying): string | undefined => {
  const first = firstOf(remedy);
  if (first === undefined) return undefined;
  return redeploy?.end?.detail ?? `${deployName(first)} is put back first`;
};

/** Sentences about the redeploy, for readers of the pull request. */
export const redeployNotes = ({ first }: Pick<Revert, "first">): string[] =>
  first === undefined
    ? []
    : [
        `once approved, the deploy of ${deployName(first)} (${first.sha.slice(0, 12)}) is put back first, and this is merged after it`,
        ...(first.why ?? []).map((why) => `a person chose the redeploy although ${why}`),
      ];
