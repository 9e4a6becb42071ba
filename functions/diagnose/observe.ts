import type { Reviewable } from "../../shared/incident/diagnosis/review.ts";
import type { Work } from "../step.ts";
import { readLogs } from "./logs.ts";
import { measure } from "./measure.ts";
import { inReach } from "./reach.ts";
import { notesOnSignals } from "./signals/notes.ts";
import { noSignals, readSignals } from "./signals/read.ts";
import { readTraces } from "./traces.ts";

/** Reads metrics, and logs, traces and signals around the onset that the metrics tell. */
export const observe = async (
  work: Work,
  {
    service,
    environment,
    alerts,
    onsetAt: openedAt,
  }: Pick<Reviewable, "service" | "environment" | "alerts" | "onsetAt">,
) => {
  const began = work.clock();
  const { rules, unread, ...measured } = await measure(work, {
    service,
    environment,
    alerts,
    onsetAt: openedAt,
  });
  const around = { service, onsetAt: measured.onsetAt };
  const isAnswering = work.clock() - began <= slowMs;
  const signalsOf = (services: string[]) =>
    isAnswering
      ? readSignals(work, { around: { service, environment, alerts, rules }, services, onsetAt: openedAt })
      : noSignals;
  const named = inReach(work.serviceOf(service), []);
  const tracing = readTraces(work, around);
  const [read, traced, ofNamed, ofTraced] = await Promise.all([
    readLogs(work, around),
    tracing,
    signalsOf([service, ...named]),
    tracing.then(({ called }) =>
      signalsOf(inReach(work.serviceOf(service), called).filter((name) => !named.includes(name))),
    ),
  ]);
  return {
    ...{ ...measured, traced, logs: [...read.logs, ...traced.lines] },
    series: [...measured.series, ...ofNamed.series, ...ofTraced.series],
    unread: [
      ...unread,
      ...(isAnswering ? [] : [unasked]),
      ...[...ofNamed.unread, ...ofTraced.unread],
      ...notesOnSignals([...ofNamed.looked, ...ofTraced.looked], service),
      ...read.unread,
      ...traced.unread,
    ],
  };
};

/** With answers as late as this nothing more is asked of Prometheus: a diagnosis ends within a minute. */
const slowMs = 10_000;
const unasked = "Prometheus answers too late: the signals of services were not asked for";
