import type { RuleText } from "../../shared/incident/recovery.ts";
import { gridOf, pausesOf } from "../../shared/policy/recovery/recovery.ts";
import type { Scoped } from "../../shared/policy/recovery/scope.ts";
import type { Metrics, Reading } from "../../shared/ports/metrics.ts";
import type { Service } from "../../shared/ports/service.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { clock, span } from "../../shared/text/format.ts";

type Window = { from: number; to: number };
type Judging = { metrics: Metrics; service: Service; window: Window; fired?: Window | undefined };

/** A trouble that paused as often as this comes and goes. One pause may be a gap in the data. */
const leastPauses = 2;
/** It is over once it is quiet for this much longer than it paused before. */
const outlastedBy = 1.1;
const minute = 60_000;
/** Points of the look over the whole trouble. */
const most = 500;

/** A trouble that comes and goes, such as a crash every ten minutes, where it is quiet for no longer than between its firings. */
export const recurring = async (
  { metrics, service, window, fired }: Judging,
  { forMs }: Pick<RuleText, "forMs">,
  { expr, labels }: Scoped,
): Promise<Reading | undefined> => {
  if (fired === undefined || fired.to <= fired.from) return undefined;
  const whole = { from: fired.from, to: window.to };
  const grid = gridOf(whole, (20 * (whole.to - whole.from)) / most);
  const series = (await metrics.range(service, expr, grid)).filter((one) => consistent(one.labels, labels));
  const { pauses, quietMs } = pausesOf({ grid, forMs }, series);
  const longest = Math.max(0, ...pauses);
  // Whole minutes, so that the same finding stays the same sentence.
  const until = Math.ceil((window.to - quietMs + outlastedBy * longest) / minute) * minute;
  if (pauses.length < leastPauses || window.to >= until) return undefined;
  const detail = `quiet so far; it comes and goes, and was quiet for ${span(longest)} between its firings before: looked at again at ${clock(until)} UTC`;
  return { result: "firing", at: window.to, verdict: "still_firing", detail, until };
};
