import type { EpochMs } from "../../shared/brands.ts";
import { type Drawing, describe } from "../../shared/chart/layout.ts";
import { courseIn, foundMarks, marksOf } from "../../shared/chart/marks.ts";
import { chartPng } from "../../shared/chart/picture.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Chart, Reported, ShownChart, Started } from "../../shared/incident/model.ts";
import type { View } from "../../shared/ports/chat.ts";
import type { Picture } from "../../shared/ports/picture.ts";
import type { Illustration } from "../../shared/ports/pulls.ts";
import type { Work } from "../step.ts";

type Size = Pick<Drawing, "width" | "height">;
/** Slack shows pictures at most 360 px wide on a phone. */
const chatSize: Size = { width: 380, height: 150 };
const pullSize: Size = { width: 760, height: 230 };

type Drawn = Omit<Drawing, keyof Size> & { isCalm: boolean };

/** The chart of the incident as it stands; undefined where its course is not known. */
const chartOf = (incident: Started, log: Event[]): Drawn | undefined => {
  const chart = drawable(courseIn(incident));
  if (chart === undefined) return undefined;
  const isCalm = incident.status === "closed" && ["verified", "recovered"].includes(incident.outcome);
  return { chart, marks: marksOf(incident, log), isCalm };
};

/** A course of one value shows nothing. */
const drawable = (chart: Chart | undefined): Chart | undefined =>
  (chart?.points.filter(([, value]) => value !== null).length ?? 0) < 2 ? undefined : chart;

const pictureOf = (drawn: Drawn, size: Size): Picture => ({
  png: () => chartPng({ ...drawn, ...size }),
  alt: describe(drawn.chart, drawn.marks),
});

/** The chart of a pull request that is proposed. */
export const proposalChart = (
  { pageOf }: Pick<Work, "pageOf">,
  { id, diagnosis }: Reported,
): Illustration | undefined => {
  const chart = drawable(diagnosis.chart);
  if (chart === undefined) return undefined;
  const drawn = { chart, marks: foundMarks(diagnosis), isCalm: false };
  return { ...pictureOf(drawn, pullSize), at: diagnosis.onsetAt, page: pageOf(id) };
};

/** The chart of a comment on the incident's pull request, as of `at`. */
export const commentChart = (
  { pageOf }: Pick<Work, "pageOf">,
  incident: Started,
  { log, at }: { log: Event[]; at: EpochMs },
): Illustration | undefined => {
  const drawn = chartOf(incident, log);
  return drawn && { ...pictureOf(drawn, pullSize), at, page: pageOf(incident.id) };
};

/** Names what a chart shows, so that the same one is uploaded once. */
const nameOf = ({ round }: Started, { chart, marks }: Drawn): string => {
  const [last] = chart.points.at(-1) ?? [0];
  const marked = marks.map(({ kind, at }) => `${kind}@${at}`).join(",");
  return `${round}:${chart.at}+${last}:${marked}`;
};

/** While a fix is under way, the chart that people decided by stays. */
const isDrawnAnew = ({ status }: Started): boolean => ["proposed", "escalated", "closed"].includes(status);

/**
 * The chart of the incident's message, uploaded where the message does not show it yet. Without an answer of Slack the message goes
 * without: the next announcement tries again.
 */
export const chartFor = async (
  { chat }: Pick<Work, "chat">,
  incident: Started,
  log: Event[],
): Promise<ShownChart | undefined> => {
  const shown = incident.message?.chart;
  const drawn = chartOf(incident, log);
  if (drawn === undefined || (shown !== undefined && !isDrawnAnew(incident))) return shown;
  const of = nameOf(incident, drawn);
  if (shown?.of === of) return shown;
  try {
    return { file: await chat.upload(pictureOf(drawn, chatSize)), of };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return shown;
  }
};

/** The view with the chart, described as the incident stands. */
export const withChart = (
  view: View,
  { chart, incident, log }: { chart: ShownChart | undefined; incident: Started; log: Event[] },
): View => {
  const drawn = chartOf(incident, log);
  if (chart === undefined || drawn === undefined) return view;
  return { ...view, picture: { file: chart.file, alt: describe(drawn.chart, drawn.marks) } };
};
