import type { Configured } from "../../shared/config.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { unverifiable, waitOf } from "../../shared/policy/recovery/verifiable.ts";
import { queriesFor } from "../../shared/ports/service.ts";
import { asksForGrowth } from "../../shared/promql/edges.ts";
import { inlined } from "../../shared/promql/inline.ts";
import { span } from "../../shared/text/format.ts";

type Verifying = Pick<Configured, "verify"> & { policy: Pick<Configured["policy"], "deadlineMs"> };
type Asked = Pick<Question, "alert"> & {
  rules: Pick<Question["rules"][number], "expr" | "recorded" | "keepFiringMs">[];
};

const ofGrowth =
  "can be verified only once its value is back where it was before the trouble, as its rule asks how fast the value changes; one that stops elsewhere is told as muted, so set verify.expr";

/** Sentences about alerts that can never be verified, only after the deadline, or only by their level. People are told before they decide. */
export const notesOnVerifying = (service: Verifying, asked: Asked[]): string[] =>
  asked.flatMap((one) => noteOnVerifying(service, one) ?? []);

const noteOnVerifying = ({ verify, policy }: Verifying, { alert, rules }: Asked): string | undefined => {
  const [exprs, data] = [queriesFor(verify.expr, alert), queriesFor(verify.data, alert)];
  const never = unverifiable(rules, { exprs, data });
  if (never !== undefined) return `${alert} can never be verified: ${never}`;
  if (
    exprs.length === 0 &&
    rules.some(({ expr, recorded }) => asksForGrowth(inlined(expr, recorded) ?? expr))
  )
    return `${alert} ${ofGrowth}`;
  const waitMs = waitOf(exprs.length === 0 ? rules : exprs.map((expr) => ({ expr })), verify.holdMs);
  if (policy.deadlineMs <= 0 || waitMs <= policy.deadlineMs) return undefined;
  return `${alert} can be verified ${span(waitMs)} after the fix at the earliest, for its rule looks back; policy.deadline is ${span(policy.deadlineMs)}`;
};
