import type { EpochMs } from "../brands.ts";
import type { Diagnosis, Undeployed } from "./model.ts";

/** A deploy within this time before the trouble is likelier to blame than one that may be told late. */
const nearMs = 30 * 60_000;

/**
 * Why a likely change waits for another look: a newer one landed just before the trouble, and its deploy may be told late. A deploy near
 * the onset, measured evidence and a remedy for load do not wait.
 */
export const awaitedDeploy = (diagnosis: Diagnosis): string | undefined => {
  const {
    suspects: [first],
    remedies: [best],
    onsetAt,
    undeployed = [],
  } = diagnosis;
  if (undeployed.length === 0 || best?.kind !== "revert" || first === undefined) return undefined;
  if (first.measured && !first.contradicted) return undefined;
  const liveAt = first.change?.deploy?.at ?? first.at;
  return liveAt >= onsetAt - nearMs ? undefined : undeployedText(undeployed);
};

/** The detail of a thin look, with what may be told later. */
export const withUndeployed = ({ undeployed = [] }: Diagnosis, detail: string): string =>
  undeployed.length === 0 ? detail : `${detail}; ${undeployedText(undeployed)}`;

/** The changes that landed without a deploy, as a sentence. */
export const undeployedText = (undeployed: Undeployed[]): string => {
  const [first, ...more] = undeployed;
  if (first === undefined) return "";
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  const them = more.length === 0 ? "it" : "them";
  return `${first.sha.slice(0, 12)} “${first.title}”${others} landed at ${minuteOf(first.at)}, and no deploy of ${them} is told yet`;
};

const minuteOf = (at: EpochMs): string => new Date(at).toISOString().slice(11, 16);
