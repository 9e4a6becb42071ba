import type { EpochMs } from "../../brands.ts";
import type { Command } from "../commands.ts";
import type { Event } from "../events.ts";
import { type Incident, isActive } from "../model.ts";

/** Answers that a round lists, and the time after which the same one is listed again. */
const most = { count: 20, everyMs: 5 * 60_000 };

type RecordDecision = Extract<Command, { type: "RecordDecision" }>;
type Told = Pick<RecordDecision, "moment" | "code" | "detail">;

/** Each step asks anew, so the same answer is noted once in a while only. */
export const recordDecision = (incident: Incident, command: RecordDecision): Event[] => {
  if (!isActive(incident)) return [];
  const { at, moment, code, decision, detail } = command;
  const { key, at: last, count = 0 } = incident.decided ?? {};
  if (count >= most.count || (key === keyOf(command) && !isLongAgo(last, at))) return [];
  return [
    {
      ...{ type: "PolicyDecided", at, moment, code },
      ...(decision !== undefined && { decision }),
      ...(detail !== undefined && { detail }),
    },
  ];
};

const isLongAgo = (last: EpochMs | undefined, at: EpochMs): boolean =>
  last === undefined || at - last >= most.everyMs;

const keyOf = ({ moment, code, detail = "" }: Told): string => `${moment} ${code} ${detail}`;

export const decidedBy = (incident: Incident, event: Extract<Event, { type: "PolicyDecided" }>): Incident =>
  isActive(incident)
    ? {
        ...incident,
        decided: { key: keyOf(event), at: event.at, count: (incident.decided?.count ?? 0) + 1 },
      }
    : incident;
