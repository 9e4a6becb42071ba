import type { LogLine, Series } from "../../../shared/diagnosis/model.ts";
import { type Landing, lines, minute, now, type Ordinary } from "../../ordinary/weigh.ts";

// The helpers of the plots by a third hand: teams that deploy several times a day, metrics with a rhythm, logs of many levels.

/** Several deploys: each `[ago, commits]`, the oldest first. A commit landed a little before its deploy. */
export const deployed = (...trains: [ago: number, ...commits: [string, Record<string, string>][]][]) => ({
  commits: trains.flatMap(([ago, ...commits]) =>
    commits.map(
      ([title, files], index): Landing => [title, files, ago + (commits.length - index) * 7 * minute],
    ),
  ),
  deploys: trains.map(([ago, ...commits]): [string, number] => [commits.at(-1)?.[0] ?? "", ago]),
});

/** A metric with the rhythm of the day, which takes `overMs` to reach its new height. */
export const moved = (
  metric: string,
  { ago, usual, then, overMs = 0 }: { ago: number; usual: number; then: number; overMs?: number },
): Series => ({
  ...{ service: "shop", metric, alert: metric },
  points: Array.from({ length: 481 }, (_, index): [number, number] => {
    const at = now - (480 - index) * minute;
    const share = at < now - ago ? 0 : overMs === 0 ? 1 : Math.min(1, (at - (now - ago)) / overMs);
    const rhythm = 1 + 0.1 * Math.sin(index / 76) + 0.04 * Math.sin(index * 2.3);
    return [at, (usual + (then - usual) * share) * rhythm];
  }),
});

/** How many requests come in. */
export const incoming = (ago: number, usual: number, then: number): Series => {
  const { alert: _, ...series } = moved("traffic", { ago, usual, then, overMs: 2 * minute });
  return { ...series, load: true };
};

const usual: LogLine[] = Array.from({ length: 200 }, (_, index) => ({
  ...{ at: now - (200 - index) * 50_000, service: "shop" },
  ...(index % 5 === 0
    ? { level: "warn", text: `slow statement (${300 + ((index * 37) % 400)} ms)` }
    : index % 41 === 0
      ? { level: "error", text: "client went away before the answer was written" }
      : { level: "info", text: `order ${70_000 + index} placed` }),
}));

/** The usual lines, and from `ago` on this one. */
export const log = (ago: number, text: string, over: Partial<LogLine> = {}): LogLine[] => [
  ...usual,
  ...lines(ago, text, over, 6000),
];
export const also = (ago: number, service: string, text: string): LogLine[] =>
  lines(ago, text, { service }, 9000);

export const alerting = (
  name: string,
  text: string,
  labels: Record<string, string> = {},
  ago = 4 * minute,
): Ordinary["alert"] => ({ ...{ name, labels, ago }, annotations: { summary: text } });
