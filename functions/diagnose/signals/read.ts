import type { Series } from "../../../shared/diagnosis/model.ts";
import { merge } from "../../../shared/diagnosis/onset/by-version.ts";
import { versionsIn } from "../../../shared/diagnosis/onset/version-labels.ts";
import { messageOf, UpstreamError } from "../../../shared/errors.ts";
import type { Grid, Series as Measured } from "../../../shared/ports/metrics.ts";
import type { Signal } from "../../../shared/promql/conventions.ts";
import type { Work } from "../../step.ts";
import { type Around, type Plan, planFor, type Sought } from "./plan.ts";

/** The services whose signals are read, the alerting one first. */
export type Reach = { around: Around; services: string[]; onsetAt: number };
/** The signals of one service that were read, and by which queries. */
export type Looked = { service: string; signals: Signal[]; from: string[]; isOff?: true };
export type Signals = { series: Series[]; unread: string[]; looked: Looked[] };
export const noSignals: Signals = { series: [], unread: [], looked: [] };

/** Queries of one service, beside the one that finds its metrics. */
const mostQueries = 8;
/** With an answer as late as this nothing more is asked: a diagnosis ends within a minute. */
const slowMs = 10_000;
/** The usual values are read from the time before the onset, and later ones up to the last look at an incident. */
const usualMs = 3 * 60 * 60_000;
const pastMs = 15 * 60_000;
const stepMs = 30_000;
/** Versions of one signal; with pods for versions there are many. */
const maxVersions = 100;

/** Reads the golden signals of several services. A failed read is a sentence. */
export const readSignals = async (work: Work, { around, services, onsetAt }: Reach): Promise<Signals> => {
  const read = await Promise.all(services.map((name) => readService(work, around, { name, onsetAt })));
  const unread = [
    ...Map.groupBy(
      read.flatMap(({ unplanned }) => unplanned),
      ({ why }) => why,
    ),
  ].map(
    ([why, same]) => `the signals of ${same.map(({ service }) => service).join(", ")} were not read (${why})`,
  );
  return {
    series: read.flatMap(({ series }) => series),
    unread: [...unread, ...read.flatMap((one) => one.unread)],
    looked: read.map(({ looked }) => looked),
  };
};

type Asked = { name: string; onsetAt: number };
type ReadOfOne = {
  series: Series[];
  unread: string[];
  unplanned: { service: string; why: string }[];
  looked: Looked;
};

const readService = async (work: Work, around: Around, { name, onsetAt }: Asked): Promise<ReadOfOne> => {
  const began = work.clock();
  const plan = await planFor(work, around, work.serviceOf(name));
  const isLate = work.clock() - began > slowMs;
  const inOrder = plan.sought.flatMap((one): Query[] => [
    { one },
    ...(one.by === undefined ? [] : [{ one, by: one.by }]),
  ]);
  const [asked, left] = [inOrder.slice(0, mostQueries), inOrder.slice(mostQueries)];
  const read = isLate ? [] : await Promise.all(asked.map((query) => readOne(work, plan, { query, onsetAt })));
  const series = read.flatMap((one) => one.series);
  const found = asked.filter((_, index) => (read[index]?.series.length ?? 0) > 0).map(({ one }) => one);
  return {
    series,
    unread: [
      ...read.flatMap((one) => one.unread),
      ...(left.length === 0
        ? []
        : [`${mostQueries} queries of ${name} were asked; not asked: ${namesOf(left)}`]),
    ],
    unplanned: [...plan.unread, ...(isLate ? ["Prometheus answers too late"] : [])].map((why) => ({
      service: name,
      why,
    })),
    looked: {
      service: name,
      signals: [...new Set(found.map(({ signal }) => signal))],
      from: [...new Set(found.map(({ from }) => from))],
      ...(plan.isOff && { isOff: true as const }),
    },
  };
};

type Query = { one: Sought; by?: { label: string; query: string } };

const namesOf = (left: Query[]): string =>
  left.map(({ one, by }) => (by === undefined ? one.metric : `${one.metric} by ${by.label}`)).join(", ");

type Result = { series: Series[]; unread: string[] };

const readOne = async (
  { metrics, clock }: Work,
  { service }: Plan,
  { query: { one, by }, onsetAt }: { query: Query; onsetAt: number },
): Promise<Result> => {
  const { name } = service;
  const window = { from: onsetAt - usualMs, to: Math.min(clock(), onsetAt + pastMs) };
  const known = {
    service: name,
    metric: one.metric,
    ...(one.signal === "traffic" && { load: true as const }),
  };
  const failed = (why: string): Result => ({
    series: [],
    unread: [`the ${one.metric} of ${name} could not be read (${why})`],
  });
  if (one.from === "its signals" && by === undefined) {
    const read = await metrics.values(service, one.query, window);
    return "points" in read
      ? { series: [{ ...known, points: read.points }], unread: [] }
      : failed(read.unread);
  }
  try {
    const found = await metrics.range(service, by?.query ?? one.query, gridOf(window));
    const series = by === undefined ? wholeOf(found) : versionsOf(found, by.label);
    return { series: series.map((part) => ({ ...known, ...part })), unread: [] };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return failed(messageOf(error));
  }
};

const gridOf = ({ from, to }: { from: number; to: number }): Grid => {
  const count = Math.max(1, Math.floor((to - from) / stepMs) + 1);
  return { start: to - (count - 1) * stepMs, stepMs, count };
};

type Points = Series["points"];
const finite = ({ points }: Measured): Points => points.filter(([, value]) => Number.isFinite(value));

/** Of several series of a rule, such as one a route, the worst counts at each moment. */
const wholeOf = (found: Measured[]): { points: Points }[] => {
  const all = found.map(finite).filter((points) => points.length > 0);
  return all.length === 0 ? [] : [{ points: merge(all, (values) => Math.max(...values)) }];
};

const versionsOf = (
  found: Measured[],
  label: string,
): { points: Points; versions: Record<string, string> }[] =>
  found.slice(0, maxVersions).flatMap((one) => {
    const versions = versionsIn({ [label]: one.labels[label] ?? "" }, label);
    const points = finite(one);
    return versions === undefined || points.length === 0 ? [] : [{ points, versions }];
  });
