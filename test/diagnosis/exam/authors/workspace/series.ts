import type { Dice } from "./dice.ts";
import type { Point, Series } from "./form.ts";
import type { Track } from "./story.ts";

const minute = 60_000;

/** The moments that shapes refer to: `begin` is the start of slow growth. */
export type Moments = { from: number; at: number; onset: number; begin: number; versionAt: number };

const share = (time: number, from: number, to: number) =>
  Math.min(1, Math.max(0, (time - from) / (to - from)));
const mix = (a: number, b: number, part: number) => a + (b - a) * part;

/** The value that a shape such as `step:12` has at a time, without noise. */
const shapeAt = (shape: string, base: number, time: number, moments: Moments): number => {
  const [kind, text] = shape.split(":");
  const goal = Number(text ?? 0);
  const { onset, begin, at } = moments;
  switch (kind) {
    case "step":
      return mix(base, goal, share(time, onset - 10_000, onset + 50_000));
    case "set":
      return time >= onset ? goal : base;
    case "from":
      return mix(base, goal, share(time, begin, begin + 2 * minute));
    case "ramp":
      return mix(base, goal, share(time, Math.min(begin, onset), at));
    case "leak":
    case "swell":
      return mix(base, goal, share(time, begin, onset));
    case "slide":
      return mix(base, goal, share(time, onset - 95 * minute, onset));
    case "sink":
      return time < begin ? base : goal + (base - goal) * Math.exp((begin - time) / (0.35 * (at - begin)));
    case "spike":
      return time < onset - minute ? base : mix(base, goal, Math.exp(-Math.abs(time - onset) / (3 * minute)));
    default:
      return base;
  }
};

const rounded = (value: number) => Number(value.toPrecision(4));

type Drawing = { track: Track; shape: string; moments: Moments; spacing: number; since?: number };

const pointsOf = ({ track, shape, moments, spacing, since }: Drawing, dice: Dice): Point[] => {
  const noise = shape.startsWith("set") || track.metric === "pods_ready" ? 0 : dice.between(0.02, 0.12);
  const phase = dice.between(0, 24);
  const gap = dice.chance(0.2) ? dice.between(moments.from, moments.at) : 0;
  const points: Point[] = [];
  const offset = dice.int(0, spacing - 1);
  for (let time = moments.from + offset; time <= moments.at; time += spacing) {
    if (since !== undefined && time < since) continue;
    if (Math.abs(time - gap) < 2 * spacing || dice.chance(0.004)) {
      if (dice.chance(0.5)) points.push([time, null]);
      continue;
    }
    const daily = track.daily ? 1 + 0.25 * Math.sin(((time / (60 * minute) + phase) * Math.PI) / 12) : 1;
    const value = shapeAt(shape, track.base, time, moments) * daily;
    const noisy = Math.max(0, value * (1 + noise * (dice.roll() + dice.roll() - 1)));
    points.push([time, rounded(track.metric.includes("ratio") ? Math.min(1, noisy) : noisy)]);
  }
  return points;
};

const ambient: readonly [metric: string, base: number][] = [
  ["cpu_used_ratio", 0.42],
  ["requests_per_second", 210],
  ["gc_pause_ms_p95", 14],
  ["redis_commands_per_second", 5200],
  ["pods_ready", 6],
  ["network_receive_megabytes_per_second", 38],
  ["celery_tasks_per_minute", 340],
  ["thread_count", 88],
];

export type Drawn = {
  service: string;
  tracks: readonly Track[];
  guilty: boolean;
  moments: Moments;
  versions: [old: string, fresh: string];
  neighbours: readonly string[];
};

const versioned = (drawn: Drawn, track: Track, spacing: number, dice: Dice): Series[] =>
  drawn.versions.map((version, index) => {
    const fresh = index === 1;
    const shape = drawn.guilty ? (fresh ? track.guilty : "flat") : track.twin;
    const base = fresh && track.metric.startsWith("requests") ? track.base / 9 : track.base;
    const since = fresh ? { since: drawn.moments.versionAt } : {};
    return {
      service: track.service ?? drawn.service,
      metric: track.metric.replace("version=?", `version="${version}"`),
      points: pointsOf({ track: { ...track, base }, shape, moments: drawn.moments, spacing, ...since }, dice),
    };
  });

/** The metrics of a case: those that tell, and those of any day beside them. */
export const seriesOf = (drawn: Drawn, dice: Dice): Series[] => {
  const spacing =
    drawn.moments.at - drawn.moments.from > 90 * minute ? 60_000 : dice.pick([15, 20, 30]) * 1000;
  const told = drawn.tracks.flatMap((track): Series[] => {
    if (track.metric.includes("version=?")) return versioned(drawn, track, spacing, dice);
    const shape = drawn.guilty ? track.guilty : track.twin;
    const points = pointsOf({ track, shape, moments: drawn.moments, spacing }, dice);
    return [{ service: track.service ?? drawn.service, metric: track.metric, points }];
  });
  const blip = dice.between(drawn.moments.from, drawn.moments.onset);
  const free = ambient.filter(([metric]) => told.every((each) => !each.metric.startsWith(metric)));
  const quiet = dice.shuffle(free).slice(0, dice.int(1, 4));
  const beside = quiet.map(([metric, base]): Series => {
    const shape =
      dice.chance(0.35) && metric !== "pods_ready" ? `spike:${base * dice.between(1.5, 2.6)}` : "flat";
    const track: Track = { metric, base, guilty: shape, twin: shape, daily: dice.chance(0.4) };
    const moments = { ...drawn.moments, onset: blip };
    return {
      service: dice.pick(drawn.neighbours),
      metric,
      points: pointsOf({ track, shape, moments, spacing }, dice),
    };
  });
  return dice.shuffle([...told, ...beside]);
};
