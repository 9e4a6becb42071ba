import { span } from "../../text/format.ts";
import type { Case, Evidence, Flip } from "../model.ts";
import type { Pattern } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";

const minute = 60_000;
/** The time before and after the onset in which a flag's change counts. An onset is reported late rather than early. */
const lookBackMs = 24 * 60 * minute;
const slackMs = 2 * minute;
const maxFlags = 3;
const weights = { near: 4, elsewhere: 1, named: 3 };

/** Log-odds of a change of a flag before its weight: the share of troubles that no commit causes (see `prior.ts`), whatever could be read of the commits. */
const usual = Math.log(0.3);

/** A flag that was changed before the trouble. */
export type Flipped = Evidence & { flip: Flip };

/** The log-odds of a flag beside those of the commits and of none. */
export const flagLogit = ({ weight }: Flipped): number => usual + weight;

/** The flags that were changed in the window, the likeliest first, each once: by its change that tells most. */
export const flagEvidence = ({ flags = [], ...given }: Case, { at, patterns }: Onset): Flipped[] => {
  const weighed = flags
    .filter((flip) => flip.at <= at + slackMs && flip.at > at - lookBackMs)
    .map((flip) => ({ flip, weight: weigh(flip, given, { at, patterns }) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || b.flip.at - a.flip.at);
  const seen = new Set<string>();
  const distinct = weighed.filter(({ flip: { service, flag } }) => {
    const key = `${service} ${flag}`;
    return !seen.has(key) && seen.add(key);
  });
  return distinct
    .slice(0, maxFlags)
    .map(({ flip, weight }) => ({ flip, weight, reason: sentence(flip, at) }));
};

const weigh = (
  flip: Flip,
  { service, dependsOn = [] }: Pick<Case, "service" | "dependsOn">,
  { at, patterns }: Pick<Onset, "at" | "patterns">,
): number => {
  const near = flip.service === service || flip.service === "" || dependsOn.includes(flip.service);
  return (
    (near ? weights.near : weights.elsewhere) +
    (isNamed(flip.flag, patterns) ? weights.named : 0) -
    Math.log2(1 + Math.max(0, at - flip.at) / (10 * minute))
  );
};

/** Whether a new log line contains the longer words of a flag's name. */
const isNamed = (flag: string, patterns: Pattern[]): boolean => {
  const logText = patterns.map(({ text, trace }) => `${text}\n${trace}`.toLowerCase()).join("\n");
  const parts = flag
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length > 3);
  return (
    logText.includes(flag.toLowerCase()) ||
    (parts.length > 1 && parts.every((part) => logText.includes(part)))
  );
};

const sentence = ({ flag, service, change, at: flippedAt }: Flip, at: number): string =>
  `the flag “${flag.slice(0, 80)}” of ${service || "the service"} was changed (${change.slice(0, 120) || "flipped"}) ${span(Math.max(0, at - flippedAt))} before the trouble began`;
