import type { Evidence } from "./model.ts";
import type { Judged } from "./verdict.ts";

/** Weaker measured findings neither convict nor clear. */
const least = 0.2;

const weighs = (evidence: Evidence[], sign: 1 | -1): boolean =>
  evidence.some(({ weight, measured }) => measured === true && weight * sign >= least);

/** Whether something measured speaks for a change: its deploy against a measured onset, versions compared, logs that the alert does not say. */
export const isMeasuredFor = ({ evidence }: Pick<Judged, "evidence">): boolean => weighs(evidence, 1);

/** Whether something measured speaks against a change: it ran well for hours, or another deploy is nearer to the onset. */
export const isContradicted = (judged: Judged, ranked: Judged[]): boolean =>
  weighs(judged.evidence, -1) || ranked.some((other) => isNearer(other, judged));

/** A deploy between this change's own and the onset, when only that one's moment is measured. */
const isNearer = (other: Judged, judged: Judged): boolean =>
  other.live?.by === "deploy" &&
  judged.live !== undefined &&
  other.live.at > judged.live.at &&
  momentOf(other) > momentOf(judged) + 1;

const momentOf = ({ evidence }: Judged): number =>
  evidence.reduce((sum, { weight, timing }) => sum + (timing === "moment" ? weight : 0), 0);
