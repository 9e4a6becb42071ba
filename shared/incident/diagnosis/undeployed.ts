import type { EpochMs } from "../../brands.ts";
import type { Diagnosis, Undeployed } from "../model.ts";

/** A change that went live within this time before the trouble is likelier to blame than one whose deploy may be told late. */
const nearMs = 30 * 60_000;

/** Why a likely change is not proposed yet; `briefly`: only until the first look that is set. */
export type Awaited = { detail: string; briefly: boolean };

/**
 * A newer change landed just before the trouble, and its deploy may be told late. A change that went live near the onset waits only for
 * one that would be live as well, had it taken as long. An older one with measured evidence does not wait, nor does a remedy for load.
 */
export const awaitedDeploy = (diagnosis: Diagnosis): Awaited | undefined => {
  const {
    suspects: [first],
    remedies: [best],
    onsetAt,
    undeployed = [],
  } = diagnosis;
  if (undeployed.length === 0 || best?.kind !== "revert" || first === undefined) return undefined;
  const liveAt = first.change?.deploy?.at ?? first.at;
  if (liveAt < onsetAt - nearMs)
    return first.measured && !first.contradicted
      ? undefined
      : { detail: undeployedText(undeployed), briefly: false };
  const tookMs = liveAt - first.at;
  const others = undeployed.filter(({ at }) => at + tookMs <= onsetAt);
  return others.length === 0 ? undefined : { detail: undeployedText(others), briefly: true };
};

/** The detail of a thin look, with what may be told later. */
export const withUndeployed = ({ undeployed = [] }: Diagnosis, detail: string): string =>
  undeployed.length === 0 ? detail : `${detail}; ${undeployedText(undeployed)}`;

/** The changes that landed without a deploy, as a sentence. */
export const undeployedText = (undeployed: Undeployed[]): string => {
  const [first, ...more] = undeployed;
  if (first === undefined) return "";
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const they = more.length === 0 ? "its deploy is" : "their deploys are";
  return `${first.sha.slice(0, 12)} “${first.title}”${others} landed at ${minuteOf(first.at)}, and ${they} not reported yet`;
};

const minuteOf = (at: EpochMs): string => new Date(at).toISOString().slice(11, 16);
