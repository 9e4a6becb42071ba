/** A probability as people read it. */
export const percent = (p: number): string => (p > 0 && p < 0.005 ? "< 1 %" : `${Math.round(p * 100)} %`);
