import type { Case, Evidence } from "../case.ts";
import { type Onset, slackMs } from "../onset.ts";
import { clock, figure, span } from "../plain.ts";
import { foreignCause } from "./foreign.ts";
import { isGrave, othersOf, type Pattern } from "./logs.ts";

const minute = 60_000;
/** What speaks for a cause that is none of the commits: a flag, load, a certificate, a node, an upstream. */
export const againstAll = (given: Case, onset: Onset): Evidence[] => [
  ...flips(given, onset),
  ...loads(given, onset),
  ...told(given, onset),
];

/** Longer words of a flag's name, in a line that is new: what the flag switches is what fails. */
const namesFlag = (flag: string, patterns: Pattern[]): boolean => {
  const said = patterns.map(({ text, trace }) => `${text}\n${trace}`.toLowerCase()).join("\n");
  const parts = flag
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length > 3);
  return (
    said.includes(flag.toLowerCase()) || (parts.length > 1 && parts.every((part) => said.includes(part)))
  );
};
const named = 3;

const flips = ({ flags = [], service, dependsOn = [] }: Case, { at, patterns }: Onset): Evidence[] =>
  flags
    .filter((flip) => flip.at <= at + 2 * minute && flip.at > at - 24 * 60 * minute)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 3)
    .map((flip) => {
      const before = Math.max(0, at - flip.at);
      const near = flip.service === service || flip.service === "" || dependsOn.includes(flip.service);
      return {
        weight: Math.max(
          0,
          (near ? 3.5 : 1) +
            (namesFlag(flip.flag, patterns) ? named : 0) -
            Math.log2(1 + before / (10 * minute)),
        ),
        reason: `the flag “${flip.flag}” of ${flip.service || "the service"} was changed (${flip.change || "flipped"}) ${span(before)} before the trouble began`,
      };
    })
    .filter(({ weight }) => weight > 0);

/** By how much load must rise, and how close to the onset: what rises well after it may be retries, and nobody's cause. */
const rise = { factor: 1.4, before: 15 * minute, after: slackMs };
const loads = (_: Case, { shifts, at }: Onset): Evidence[] =>
  shifts
    .filter(
      ({ load, before, after, at: moved }) =>
        load && after > rise.factor * before && moved > at - rise.before && moved < at + rise.after,
    )
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: 2.5,
      reason: `${metric} of ${service || "the service"} ${figure(before)} → ${figure(after)} at ${clock(moved)}: more came in`,
    }));

const told = (given: Case, { patterns }: Onset): Evidence[] =>
  patterns
    .filter(isGrave)
    .flatMap(({ text, service }) => {
      const what = foreignCause(text, othersOf(given));
      return what === undefined ? [] : [{ what, text, service }];
    })
    .slice(0, 1)
    .map(({ what, text, service }) => ({
      weight: 3,
      reason: `a new log line of ${service || "the service"} speaks of ${what}: “${text.slice(0, 100)}”`,
    }));
