import { type Figures, leastShown } from "../../train/figures.ts";

type Measured = Pick<Figures, "cases" | "trusted" | "asked">;

/** The bar as a policy has it: rounded up, so that it lets nothing below the measured one through. */
const barOf = (bar: number): string => String(Math.min(1, Math.ceil(bar * 100 - 1e-9) / 100));
const reached = (coverage: number): string => `${Math.round(coverage * 100)} of 100 troubles`;

/** The mode that the figures of a history support, in one sentence for the person who sets it. */
export const recommendation = ({ cases, trusted, asked }: Measured): string => {
  if (cases < leastShown)
    return `leave mode: observe: ${cases === 1 ? "1 case is" : `${cases} cases are`} too few to judge by, and ${leastShown} are needed`;
  const words = asked === undefined ? "" : `policy.minConfidence: ${barOf(asked.bar)}`;
  if (trusted !== undefined)
    return `begin with mode: approve${words === "" ? "" : ` and ${words}`}; these figures support mode: auto with policy.autoConfidence: ${barOf(trusted.bar)}, from which on 95 of 100 were right, and which ${reached(trusted.coverage)} reach`;
  const noAuto = "do not use mode: auto, as from no probability on were 95 of 100 right";
  return asked === undefined
    ? `${noAuto}; leave mode: observe, as 70 of 100 were never right either`
    : `${noAuto}; leave mode: observe, or use mode: approve with ${words}, from which on 70 of 100 were right, and which ${reached(asked.coverage)} reach`;
};
