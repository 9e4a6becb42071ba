import type { Deploy, History } from "./history.ts";
import type { Service } from "./languages.ts";
import { hour, minute, type Scene } from "./scene.ts";
import { type Course, valueAt } from "./shapes.ts";
import { daily, type Guilty, type Nobody } from "./story.ts";

type Series = { service: string | undefined; metric: string; points: [at: number, value: number][] };
type Span = { from: number; to: number };
type Draw = (
  named: { service: string | undefined; metric: string },
  value: (now: number) => number,
  span?: Span,
) => void;
/** `versions` are those of the deploys that the case tells of. */
type Telling = { scene: Scene; history: History; versions: Map<Deploy, string>; course: Course; draw: Draw };

/** A day or more until the alert, finer since shortly before the onset, with gaps. */
export const seriesOf = (scene: Scene, history: History, versions: Map<Deploy, string>): Series[] => {
  const { dice, onset, at, cause } = scene;
  const start = onset - Math.max(24 * hour, (cause?.delayMs ?? 0) + 6 * hour);
  const every = Math.max(2 * minute, Math.round((at - start) / dice.int(110, 200) / minute) * minute);
  const all: Series[] = [];
  const draw: Draw = (named, value, { from, to } = { from: start, to: at }) => {
    const gap = dice.chance(0.25) ? dice.real(start, onset - 2 * hour) : undefined;
    const points: Series["points"] = [];
    const point = (now: number): void => {
      points.push([Math.round(now), Number(tidy(named.metric, value(now)).toPrecision(4))]);
    };
    const missing = (now: number): boolean => gap !== undefined && now > gap && now < gap + 40 * minute;
    for (let now = from; now <= to; now += every) if (!dice.chance(0.04) && !missing(now)) point(now);
    for (let now = Math.max(from, onset - 12 * minute); now <= to; now += 2 * minute) point(now);
    all.push({ ...named, points: points.sort((a, b) => a[0] - b[0]) });
  };
  const course = { dice, onset, at, start, live: cause?.live, earlier: history.earlier };
  const telling = { scene, history, versions, course, draw };
  drawStory(telling);
  drawUnrelated(telling);
  if (scene.story.split) drawVersions(telling, scene.story.split);
  if ("pods" in scene.story && scene.story.pods) drawPods(telling, scene.story.pods);
  return all;
};

/** Counts are whole, and shares stay within 1. */
const tidy = (metric: string, value: number): number => {
  if (/replicas|restarts|depth|fds|in_use|inflight|lag|failures_total/.test(metric))
    return Math.max(0, Math.round(value));
  return /_ratio|cpu_usage$/.test(metric) ? Math.min(1, value) : value;
};

const drawStory = ({ scene: { dice, world, story }, course, draw }: Telling): void => {
  const kept = story.needs.includes("series") ? story.series : story.series.filter(() => dice.chance(0.85));
  for (const metric of kept) {
    const owner: Service | null = metric.service === undefined ? world.service : metric.service;
    draw({ service: owner?.name, metric: metric.metric }, (now) => valueAt(metric, now, course));
  }
};

/** A neighbour's day, and what changed a little with the innocent deploy. */
const drawUnrelated = ({ scene: { dice, world, beside }, course, draw }: Telling): void => {
  if (dice.chance(0.6)) {
    const metric = dice.pick(["cpu_usage", "http_requests_per_second", "queue_depth"]);
    const usual = daily(metric, metric === "cpu_usage" ? 0.4 : 30);
    draw({ service: world.other.name, metric }, (now) => valueAt(usual, now, course));
  }
  if (dice.chance(0.3)) {
    const [metric, base] = dice.pick<[string, number]>([
      ["heap_objects", 41000],
      ["loaded_modules", 1210],
      ["open_handles", 96],
      ["response_size_bytes_avg", 2300],
    ]);
    draw({ service: beside.service.name, metric }, (now) => {
      return base * (now > beside.at ? 1.3 : 1) * (1 + dice.gauss() * 0.03);
    });
  }
};

/** The last three versions, each as long as it ran. */
const drawVersions = (
  { scene, history, versions, course, draw }: Telling,
  { metric, base, to, everywhere }: NonNullable<Guilty["split"]>,
): void => {
  const { dice, world, cause, onset, at } = scene;
  const service = everywhere || !cause ? world.service : cause.owner;
  const own = history.deploys
    .filter((one) => one.service === service && versions.has(one))
    .sort((a, b) => a.at - b.at)
    .slice(-3);
  for (const [n, one] of own.entries()) {
    const next = own[n + 1]?.at;
    const overlap =
      cause?.told.rollout && next ? Math.min(onset + 20 * minute - next, 5 * hour) : 15 * minute;
    const until = next === undefined ? at : next + overlap;
    const bad = (now: number): boolean => (everywhere ? now >= onset : one.at >= cause!.live - 1);
    draw(
      { service: service.name, metric: `${metric}{version="${versions.get(one)}"}` },
      (now) => (bad(now) ? to : base) * (1 + dice.gauss() * 0.15),
      { from: Math.max(course.start, one.at + 3 * minute), to: Math.min(at, until) },
    );
  }
};

const drawPods = (
  { scene: { dice, world, onset }, draw }: Telling,
  { metric, base, to, bad, of }: NonNullable<Nobody["pods"]>,
): void => {
  const { name } = world.service;
  for (let n = 0; n < of; n++)
    draw({ service: name, metric: `${metric}{pod="${name}-7c9d-${dice.hex(5)}"}` }, (now) => {
      return (now > onset && n < bad ? to : base) * (1 + dice.gauss() * 0.2);
    });
};
