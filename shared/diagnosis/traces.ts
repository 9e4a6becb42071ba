import type { LogLine } from "../ports/logs.ts";
import type { Span } from "../ports/traces.ts";

/** A request that failed: the operation of the service that was asked, and the span in which it failed first. */
export type Failure = { operation: string; origin: Span };

/**
 * The failed requests of some traces. `own` are the names by which the traces know the service. A request fails first in the deepest failed
 * span below its entry: payment-gateway's `POST /charge` fails because fx-rates' `GET /rates` does.
 */
export const failuresOf = (spans: Span[], own: string[]): Failure[] =>
  [...Map.groupBy(spans, ({ trace }) => trace).values()].flatMap((trace) => {
    const byId = new Map(trace.map((span) => [span.id, span]));
    const children = Map.groupBy(trace, ({ parent }) => parent);
    const isOwn = trace.some(({ service }) => own.includes(service))
      ? ({ service }: Span) => own.includes(service)
      : () => true;
    return trace
      .filter((span) => span.isFailed && isOwn(span) && !hasFailedAbove(span, byId, isOwn))
      .map((entry) => ({ operation: entry.name, origin: deepest(entry, children) }));
  });

const hasFailedAbove = (span: Span, byId: Map<string, Span>, isOwn: (span: Span) => boolean): boolean => {
  const seen = new Set([span.id]);
  for (let above = byId.get(span.parent ?? ""); above !== undefined; above = byId.get(above.parent ?? "")) {
    if (seen.has(above.id)) return false;
    if (above.isFailed && isOwn(above)) return true;
    seen.add(above.id);
  }
  return false;
};

const deepest = (entry: Span, children: Map<string | undefined, Span[]>): Span => {
  const seen = new Set([entry.id]);
  let found = entry;
  for (;;) {
    const [next] = (children.get(found.id) ?? [])
      .filter(({ id, isFailed }) => isFailed && !seen.has(id))
      .sort((a, b) => a.at - b.at);
    if (next === undefined) return found;
    seen.add(next.id);
    found = next;
  }
};

/** The services that the service calls, by the traces' names of them: each once, in the order of the spans. */
export const calledBy = (spans: Span[], own: string[]): string[] => {
  const byId = new Map(spans.map((span) => [`${span.trace} ${span.id}`, span]));
  const called = spans.filter(({ trace, parent, service }) => {
    const above = byId.get(`${trace} ${parent ?? ""}`);
    return above !== undefined && own.includes(above.service) && !own.includes(service);
  });
  return [...new Set(called.map(({ service }) => service))];
};

/**
 * The failures as lines of a log: of the service in which each request failed first, where `nameOf` knows it, else of `service`. So they are
 * held against changes as logged errors are.
 */
export const linesOfFailures = (
  failures: Failure[],
  { service, nameOf }: { service: string; nameOf: (traced: string) => string | undefined },
): LogLine[] =>
  failures.map(({ operation, origin }) => {
    const home = nameOf(origin.service);
    const place = home === undefined ? `${origin.service}: ` : "";
    const through = origin.name === operation ? "" : ` (of ${operation})`;
    return {
      ...{ at: origin.at, service: home ?? service, level: "error" },
      text: `${place}${origin.name} failed${through}${origin.text === undefined ? "" : `: ${origin.text}`}`,
      ...(origin.stack !== undefined && { trace: origin.stack }),
    };
  });

/** The failure that most traces since the onset show, as a sentence, and how often it was seen before. */
export const sentenceOf = (before: Failure[], since: Failure[]): string | undefined => {
  const [most] = [...Map.groupBy(since, keyOf).values()].sort((a, b) => b.length - a.length);
  const first = most?.[0];
  if (most === undefined || first === undefined) return undefined;
  const { operation, origin } = first;
  const where = `${origin.service}${origin.name === operation ? "" : ` (${origin.name})`}`;
  const earlier = before.filter((one) => keyOf(one) === keyOf(first)).length;
  const usual =
    earlier === 0
      ? "none of the traces from before it shows that"
      : `so do ${earlier} of ${before.length} from before it`;
  return `${most.length} of ${since.length} failed traces since the onset are of ${operation}, which fails first in ${where}; ${usual}`;
};

const keyOf = ({ operation, origin }: Failure): string =>
  JSON.stringify([operation, origin.service, origin.name]);
