import type { Dice } from "./dice.ts";
import { hour, minute } from "./scene.ts";
import type { Metric, Shape } from "./story.ts";

/** When a metric moves: `live` is when the guilty change went live, `start` where the series begins. */
export type Course = {
  dice: Dice;
  onset: number;
  at: number;
  start: number;
  live: number | undefined;
  earlier: [from: number, to: number] | undefined;
};
type Moment = Course & { metric: Metric; now: number; from: number; day: number; noise: number };

/** The metric's value at an instant. */
export const valueAt = (metric: Metric, now: number, course: Course): number => {
  const { dice, onset, live, earlier } = course;
  const from = metric.from === "deploy" && live !== undefined ? live : onset;
  const day = 1 + 0.35 * Math.cos(((now - onset - 0.6 * hour) / (24 * hour)) * 2 * Math.PI);
  const noise = 1 + dice.gauss() * 0.05;
  const { base, to } = metric;
  if (earlier && metric.shape === "step" && now > earlier[0] && now < earlier[1])
    return base + (to - base) * 0.7 * noise;
  return shapes[metric.shape]({ ...course, metric, now, from, day, noise });
};

const shapes: Record<Shape, (moment: Moment) => number> = {
  daily: ({ metric, day, noise }) => metric.base * day * noise,
  flat: ({ metric, noise }) => metric.base * noise,
  linear: ({ metric: { base, to }, dice, now, start, at }) =>
    base + (to - base) * ((now - start) / (at - start)) * (1 + dice.gauss() * 0.002),
  surge: ({ metric: { base, to }, now, onset, noise }) => {
    if (now < onset - 25 * minute) return base * noise;
    return (base + (to - base) * Math.min(1, (now - onset + 25 * minute) / (22 * minute))) * noise;
  },
  stepDaily: ({ metric: { base, to, cap = Infinity }, now, from, day, noise }) =>
    Math.min(cap, (now < from ? base : to) * day * noise),
  ramp: ({ metric: { base, to }, dice, now, from, onset, at }) => {
    if (now < from) return base * (1 + dice.gauss() * 0.04);
    const end = from === onset ? at : onset;
    const grown = Math.min(1.05, (now - from) / Math.max(minute, end - from));
    return (base + (to - base) * grown) * (1 + dice.gauss() * 0.015);
  },
  step: ({ metric: { base, to }, dice, now, from, noise }) => {
    if (now < from) return Math.max(0, base * (base === 0 ? 1 : noise));
    return Math.max(0, to * (1 + dice.gauss() * 0.08) * noise);
  },
};
