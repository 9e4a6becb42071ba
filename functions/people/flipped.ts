import type { Intent } from "../../shared/incident/commands.ts";
import type { Diagnosis, Fix, In } from "../../shared/incident/model.ts";
import { isAsLeft } from "../../shared/policy/flag-state.ts";
import type { FlipRecord } from "../../shared/ports/store.ts";
import { clock } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

type Known = { incident: { openedAt: number }; diagnosis: Diagnosis; flips: FlipRecord[] };

/** The suspected flag is another since the incident opened than the change before it left it. */
export const flagBack = ({ incident, diagnosis, flips }: Known): Fix | undefined => {
  const { flags: [suspect] = [], suspects, remedies } = diagnosis;
  if (suspect === undefined) return undefined;
  if (suspect.score < Math.max(suspects[0]?.score ?? 0, remedies[0]?.score ?? 0)) return undefined;
  const own = flips.filter(({ flag }) => flag === suspect.flag);
  const since = own.filter(({ at }) => at > incident.openedAt);
  const [flip] = since;
  const before = own.find(({ at }) => at <= incident.openedAt);
  if (flip === undefined || (before !== undefined && isAsLeft(before.change, since))) return undefined;
  return {
    kind: "flag",
    at: flip.at,
    detail: `flag ${flip.flag} was changed at ${minute(flip.at)} (${flip.change})`,
  };
};

/** The wait while the flag that people turned back is flipped again, and until it was turned back once more for the hold time. */
export const flippedAgain = async (
  { store }: Pick<Work, "store">,
  incident: In<"deployed">,
  from: number,
): Promise<Intent | undefined> => {
  const { service, environment, fix, diagnosis } = incident;
  const [suspect] = diagnosis?.flags ?? [];
  if (fix?.kind !== "flag" || suspect === undefined) return undefined;
  const { flips } = await store.changes(service, environment, fix.at);
  const own = flips.filter(({ flag }) => flag === suspect.flag);
  const [latest] = own;
  const fixing = own.findLast(({ at }) => at === fix.at);
  const later = own.filter(({ at }) => at > fix.at);
  if (latest === undefined || fixing === undefined || later.length === 0) return undefined;
  const told = `flag ${latest.flag} was changed again at ${minute(latest.at)} (${latest.change})`;
  if (isAsLeft(fixing.change, later))
    return latest.at <= from
      ? undefined
      : { type: "Delay", step: "verify", detail: `${told}, as the fix left it` };
  return {
    ...{ type: "Delay", step: "verify", verdict: "fix_not_live", news: true },
    detail: `${told}: what people did (${fix.detail}) is not live any more`,
  };
};

const minute = (at: number): string => clock(at).slice(0, 5);
