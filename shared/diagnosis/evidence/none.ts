import type { Case, Evidence } from "../case.ts";
import type { Onset } from "../onset.ts";
import { clock, span } from "../plain.ts";
import { isGrave } from "./logs.ts";
import { isLoad } from "./series.ts";

const minute = 60_000;
const foreign: [RegExp, string][] = [
  [/certificate (has )?expired|x509|certificate.{0,20}not (yet )?valid|tls: expired/i, "a certificate"],
  [/no space left|disk full|read-only file system|i\/o error/i, "a disk"],
  [/\bevict(ed|ion)|node.{0,20}not ?ready|preempt(ed|ion)|spot instance|kubelet/i, "a node"],
  [/no such host|dns|name resolution|SERVFAIL|NXDOMAIN/i, "name resolution"],
  [
    /\b(503|502) .{0,40}(provider|upstream|third.party)|provider.{0,30}(outage|unavailable)|quota exceeded|rate limit(ed)? by/i,
    "an upstream",
  ],
];

/** What speaks for a cause that is none of the commits: a flag, load, a certificate, a node, an upstream. */
export const againstAll = (given: Case, onset: Onset): Evidence[] => [
  ...flips(given, onset),
  ...loads(given, onset),
  ...told(onset),
];

const flips = ({ flags = [], service, dependsOn = [] }: Case, { at }: Onset): Evidence[] =>
  flags
    .filter((flip) => flip.at <= at + 2 * minute && flip.at > at - 24 * 60 * minute)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, 3)
    .map((flip) => {
      const before = Math.max(0, at - flip.at);
      const near = flip.service === service || flip.service === "" || dependsOn.includes(flip.service);
      return {
        weight: Math.max(0, (near ? 3.5 : 1) - Math.log2(1 + before / (10 * minute))),
        reason: `the flag “${flip.flag}” of ${flip.service || "the service"} was changed (${flip.change || "flipped"}) ${span(before)} before the trouble began`,
      };
    })
    .filter(({ weight }) => weight > 0);

const loads = (_: Case, { shifts, at }: Onset): Evidence[] =>
  shifts
    .filter(
      (shift) =>
        isLoad(shift.metric) && shift.after > 1.4 * shift.before && Math.abs(shift.at - at) < 15 * minute,
    )
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: 2.5,
      reason: `${metric} of ${service || "the service"} rose ${(after / Math.max(before, 1e-9)).toFixed(1)}-fold at ${clock(moved)}: more came in`,
    }));

const told = ({ patterns }: Onset): Evidence[] =>
  patterns
    .filter(isGrave)
    .flatMap(({ text, service }) =>
      foreign.filter(([pattern]) => pattern.test(text)).map(([, what]) => ({ what, text, service })),
    )
    .slice(0, 1)
    .map(({ what, text, service }) => ({
      weight: 3,
      reason: `a new log line of ${service || "the service"} speaks of ${what}: “${text.slice(0, 100)}”`,
    }));
