import type { Case, Evidence } from "../model.ts";

/**
 * The share of troubles that changes cause, when the policy does not say: “SRE has found that roughly 70% of outages are due to changes
 * in a live system” (Beyer et al., Site Reliability Engineering, chapter 1). The learned weights hold at this share.
 */
const usualChangePrior = 0.7;

const logit = (p: number): number => Math.log(p) - Math.log(1 - p);

/** Another share, when the policy says so, as log-odds for a cause that is not a change. */
export const priorEvidence = ({ changePrior = usualChangePrior }: Pick<Case, "changePrior">): Evidence[] => {
  if (changePrior === usualChangePrior) return [];
  const weight = logit(usualChangePrior) - logit(Math.min(0.99, Math.max(0.01, changePrior)));
  return [
    {
      weight,
      reason: `the policy says that changes cause ${Math.round(changePrior * 100)} % of troubles here`,
    },
  ];
};
