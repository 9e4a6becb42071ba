import { type Figures, leastShown } from "../../train/figures.ts";

type Measured = Pick<Figures, "cases" | "trusted" | "asked">;

/** The bar as a policy has it: rounded up, so that it lets nothing below the measured one through. */
const barOf = (bar: number): string => String(Math.min(1, Math.ceil(bar * 100 - 1e-9) / 100));

/** The mode that the figures of a history support, in one sentence for the person who sets it. */
export const recommendation = ({ cases, trusted, asked }: Measured): string => {
  if (cases < leastShown)
    return `leave mode: observe: ${cases === 1 ? "1 case is" : `${cases} cases are`} too few to judge by, and ${leastShown} are needed`;
  const words = asked === undefined ? "" : `policy.minConfidence: ${barOf(asked.bar)}`;
  if (trusted !== undefined)
    return `begin with mode: approve${words === "" ? "" : ` and ${words}`}; these figures support mode: auto with policy.autoConfidence: ${barOf(trusted.bar)}: ${rightFrom(95, trusted.coverage)}`;
  const noAuto = "do not use mode: auto: at every bar fewer than 95 of 100 suspects were right";
  return asked === undefined
    ? `${noAuto}; leave mode: observe: at every bar fewer than 70 of 100 were right`
    : `${noAuto}; leave mode: observe, or use mode: approve with ${words}: ${rightFrom(70, asked.coverage)}`;
};

const rightFrom = (right: number, coverage: number): string =>
  `from there on ${right} of 100 suspects were right, and ${Math.round(coverage * 100)} of 100 troubles reach it`;
