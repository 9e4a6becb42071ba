import {
  calledBy,
  type Failure,
  failuresOf,
  linesOfFailures,
  sentenceOf,
} from "../../shared/diagnosis/traces.ts";
import type { Link } from "../../shared/incident/model.ts";
import type { LogLine } from "../../shared/ports/logs.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";

const minute = 60_000;
/** The usual failures are read from before the onset, the others around it; each costs a search, and a call for each trace. */
const usual = { from: -60 * minute, to: -2 * minute };
const around = { from: -minute, to: 5 * minute };
const limit = 10;
const mostLinks = 3;

/** The failures as lines of a log and as a sentence, the configured services that the service calls, and pages of traces. */
export type Traced = {
  lines: LogLine[];
  called: string[];
  notes: string[];
  links: Link[];
  unread: string[];
};
export const untraced: Traced = { lines: [], called: [], notes: [], links: [], unread: [] };

/** Failed requests of the service before and after the onset, as its traces tell them. */
export const readTraces = async (
  { traces, serviceOf, configuration, clock }: Work,
  { service, onsetAt }: { service: string; onsetAt: number },
): Promise<Traced> => {
  const own = serviceOf(service);
  if (own.traces === undefined) return untraced;
  if (traces === undefined) return { ...untraced, unread: [`the traces of ${service} are not read here`] };
  const now = clock();
  const read = ({ from, to }: typeof usual) =>
    traces.spans(own, { from: onsetAt + from, to: Math.min(now, onsetAt + to), limit });
  const [before, since] = await Promise.all([read(usual), read(around)]);
  const names = [tracedAs(own)];
  const failures = { before: failuresOf(before.spans, names), since: failuresOf(since.spans, names) };
  const known = new Map(configuration().services.map((one) => [tracedAs(one), one.name]));
  const nameOf = (traced: string): string | undefined => known.get(traced);
  const sentence = sentenceOf(failures.before, failures.since);
  const called = calledBy([...before.spans, ...since.spans], names).flatMap((one) => nameOf(one) ?? []);
  const unnamed = called.filter((one) => one !== service && !(own.dependsOn ?? []).includes(one));
  return {
    lines: linesOfFailures([...failures.before, ...failures.since], { service, nameOf }),
    called,
    notes: [
      ...(sentence === undefined ? [] : [sentence]),
      ...(unnamed.length === 0
        ? []
        : [`traces show calls of ${service} to ${unnamed.join(", ")}, which its dependsOn does not name`]),
    ],
    links: pagesOf(failures.since, ({ trace, at }) => traces.pageOf(own, { id: trace, at })),
    unread: [...new Set([before.unread, since.unread].filter((one) => one !== undefined))],
  };
};

/** The name by which traces know a service: the one that its query names, or else its own. */
export const tracedAs = ({ name, traces }: Pick<Service, "name" | "traces">): string => {
  if (traces === undefined) return name;
  if ("jaeger" in traces) return traces.jaeger;
  return /\bresource\.service\.name\s*=\s*"([^"]{1,200})"/.exec(traces.tempo)?.[1] ?? name;
};

const pagesOf = (failures: Failure[], pageOf: (span: Failure["origin"]) => string | undefined): Link[] => {
  const pages = failures.flatMap(({ origin }) => pageOf(origin) ?? []);
  return [...new Set(pages)]
    .slice(0, mostLinks)
    .map((url, index) => ({ text: index === 0 ? "Trace" : `Trace ${index + 1}`, url }));
};
