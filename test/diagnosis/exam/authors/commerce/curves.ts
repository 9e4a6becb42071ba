import type { Series } from "./case.ts";
import { fill, type Words } from "./change.ts";
import type { Dice } from "./dice.ts";
import type { Span } from "./lines.ts";
import { type Curve, counter, flat } from "./story.ts";
import { languageOf } from "./world.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

const startOf = (curve: Curve, span: Span): number => {
  if (curve.since === "deploy") return span.deploy;
  if (curve.since === "lead") return span.onset - 40 * minute;
  return span.onset;
};

/** The share, 0 to 1, of the way from `base` to `to` at an instant. */
const progress = (curve: Curve, span: Span, at: number): number => {
  const start = startOf(curve, span);
  if (at < start) return 0;
  const shape = curve.shape ?? "flat";
  if (shape === "step" && curve.noise === 0) return 1;
  if (shape === "step") return 1 - Math.exp(-(at - start) / (0.7 * minute));
  if (shape === "ramp") return Math.min(1, (at - start) / Math.max(minute, span.at - start));
  if (shape === "leak" || shape === "climb") {
    const share = (at - start) / Math.max(4 * minute, span.onset - start);
    if (shape === "climb" || at < span.onset) return Math.min(1, share);
    return ((at - span.onset) % (5 * minute)) / (7 * minute);
  }
  return 0;
};

const level = (curve: Curve, span: Span, at: number, roll: Dice): number => {
  const wave = curve.daily ? 1 + 0.35 * Math.sin(((at % day) / day) * 2 * Math.PI - 1.9) : 1;
  const to = curve.to ?? curve.base;
  const value = curve.base * wave + (to - curve.base) * progress(curve, span, at);
  const spread = (curve.noise ?? 0.07) * (Math.abs(value) + 0.02 * Math.abs(to));
  return Math.max(0, value + spread * roll.normal());
};

/** Five significant digits. */
const rounded = (value: number): number => {
  if (value === 0) return 0;
  const scale = 10 ** (4 - Math.floor(Math.log10(value)));
  return scale > 1 ? Math.round(value * scale) / scale : Math.round(value);
};

const lived = (curve: Curve, span: Span, at: number, canary: boolean): boolean => {
  if (curve.life === "new") return at >= span.deploy + 20_000;
  if (curve.life === "old") return canary || at <= span.deploy + 3 * minute;
  return true;
};

type Frame = { span: Span; words: Words; stepMs: number; canary: boolean };

const seriesOf = (curve: Curve, { span, words, stepMs, canary }: Frame, roll: Dice): Series => {
  const points: [number, number | null][] = [];
  const [gapStart, gapLength] = [roll.between(span.start, span.at), roll.chance(0.2) ? roll.int(2, 6) : 0];
  const shift = roll.int(0, stepMs - 1);
  const resetAt = roll.chance(0.6) ? span.deploy : roll.between(span.start, span.onset);
  let total = roll.int(4000, 90_000);
  let reset = false;
  for (let at = span.start + shift; at < span.at; at += stepMs) {
    const value = level(curve, span, at, roll);
    total += (value * stepMs) / 1000;
    if (!reset && at > resetAt && curve.shape === "counter") [total, reset] = [0, true];
    if (!lived(curve, span, at, canary) || roll.chance(0.004)) continue;
    const gap = at >= gapStart && at < gapStart + gapLength * stepMs;
    points.push([at, gap ? null : rounded(curve.shape === "counter" ? total : value)]);
  }
  return { service: curve.service, metric: fill(curve.metric, words), points };
};

const background = (service: string): Curve[] => [
  counter(service, "http_server_requests_total", 42, 42, { daily: true }),
  flat(service, "container_cpu_usage_cores", 1.4, 1.4, { daily: true }),
  flat(service, "container_memory_working_set_bytes", 6.4e8, 6.4e8, { noise: 0.02 }),
  flat(service, 'istio_requests:rate1m{response_code="200"}', 130, 130, { daily: true, noise: 0.1 }),
  flat(service, 'http_client_errors:rate1m{code="404"}', 0.8, 0.8, { noise: 0.5 }),
  ...(languageOf(service) === "go"
    ? [flat(service, "go_gc_duration_seconds", 0.0011, 0.0011, { noise: 0.3 })]
    : [flat(service, "jvm_gc_pause_seconds_max", 0.021, 0.021, { noise: 0.4 })]),
];

/** The series of the story among quiet ones; few of them when the window is long. */
export const curvesOf = (
  curves: readonly Curve[],
  services: readonly string[],
  frame: Omit<Frame, "stepMs">,
  { quiet, roll }: { quiet: Dice; roll: Dice },
): Series[] => {
  const hours = (frame.span.at - frame.span.start) / (60 * minute);
  const stepMs = quiet.pick(hours > 3 ? [60_000] : hours > 1.6 ? [30_000, 60_000] : [15_000, 30_000]);
  const extra = quiet.shuffle(services.flatMap(background)).slice(0, quiet.int(1, 6));
  const all = quiet.shuffle([...curves, ...extra]).slice(0, 14);
  return all
    .map((curve) => seriesOf(curve, { ...frame, stepMs }, roll))
    .filter((one) => one.points.length > 0);
};
