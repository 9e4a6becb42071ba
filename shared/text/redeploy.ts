import type { Diagnosis, In, Remedy, Revert } from "../incident/model.ts";
import { firstOf, isTried } from "../incident/remedies/redeploy.ts";
import type { Redeploy, Redeployment } from "../incident/remedies/redeployment.ts";
import { isSamePull } from "../incident/remedies/remedies.ts";
import { span } from "./format.ts";
import { deployName } from "./timeline.ts";

/** The two ways beside each other, and when each is live. The question itself names the deploy. Times are said only where they were measured. */
export const compared = ({ takesMs }: Redeploy, revertMs: number | undefined): string[] => [
  `redeploy ${takesMs === undefined ? "first" : `live in about ${span(takesMs)}`}, ${behind(takesMs, revertMs)}`,
  `the revert alone${revertMs === undefined ? "" : ` in about ${span(revertMs)}`}`,
];

const behind = (takesMs: number | undefined, revertMs: number | undefined): string =>
  takesMs === undefined || revertMs === undefined
    ? "then the revert"
    : `the revert behind it in about ${span(takesMs + revertMs)}`;

/** The same revert of the diagnosis with a redeploy that only a person may choose; none once this round has one. */
export const choiceBeside = ({
  remedy,
  diagnosis: { remedies },
  redeploy,
}: Redeploying & { diagnosis: Diagnosis }): Redeploy | undefined => {
  if (remedy.kind !== "revert" || remedy.first !== undefined || redeploy !== undefined) return undefined;
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
  return redeploy === undefined ? `${deployName(first)} is put back first` : madeText(first, redeploy);
};

/** The redeploy of this round, for those who are asked; undefined before there is one, and once its revert was merged. */
export const redeployMade = (incident: In<"proposed">): string | undefined => {
  const { remedy, redeploy } = incident;
  if (redeploy === undefined || isTried(incident, redeploy)) return undefined;
  return madeText(firstOf(remedy) ?? redeploy, redeploy);
};

const madeText = (put: Pick<Redeploy, "sha" | "version">, { end }: Redeployment): string =>
  end?.detail ?? `${deployName(put)} is being put back`;

/** Sentences about the redeploy, for readers of the pull request. */
export const redeployNotes = ({ first }: Pick<Revert, "first">): string[] =>
  first === undefined
    ? []
    : [
        `once approved, the deploy of ${deployName(first)} (${first.sha.slice(0, 12)}) is put back first, and this is merged after it`,
        ...(first.why ?? []).map((why) => `a person chose the redeploy although ${why}`),
      ];
