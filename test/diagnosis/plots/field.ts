import type { LogLine, Series } from "../../../shared/diagnosis/model.ts";
import { lines, minute, now, type Ordinary } from "../../ordinary/weigh.ts";

// The helpers of the plots by a second hand: real code around the changed lines, other services' logs, long courses.

/** A wave around `usual`, the same at every run, and then `then` from `ago` on. */
export const jump = (metric: string, ago: number, usual: number, then: number, of = ""): Series => ({
  ...{ service: "shop", metric, ...(of !== "" && { alert: of }) },
  points: Array.from({ length: 361 }, (_, index): [number, number] => {
    const at = now - (360 - index) * minute;
    const wave = 1 + 0.12 * Math.sin(index / 7) + 0.06 * Math.sin(index * 1.9);
    return [at, (at >= now - ago ? then : usual) * wave];
  }),
});

/** Grows from `usual` to `then` since `ago`, seen every ten minutes over `over`. */
export const grown = (metric: string, ago: number, usual: number, then: number, over: number): Series => ({
  ...{ service: "shop", metric, alert: metric },
  points: Array.from({ length: Math.floor(over / (10 * minute)) + 1 }, (_, index): [number, number] => {
    const at = now - over + index * 10 * minute;
    const share = Math.max(0, (at - (now - ago)) / ago);
    return [at, usual + (then - usual) * share + usual * 0.03 * Math.sin(index * 1.3)];
  }),
});

/** The lines that the shop writes on any day: requests that succeed, a warning now and then. */
export const chatter: LogLine[] = Array.from({ length: 120 }, (_, index) => ({
  ...{ at: now - (120 - index) * minute, service: "shop" },
  ...(index % 3 === 0
    ? {
        level: "warn",
        text: `{"level":"warn","msg":"session ${(index * 7919) % 9973} not in cache, loading it"}`,
      }
    : {
        level: "info",
        text: `{"level":"info","msg":"GET /items/${(index * 31) % 577} 200","ms":${20 + (index % 9)}}`,
      }),
}));

/** The chatter, and from `ago` on the texts, every `every` ms. */
export const says = (ago: number, texts: string[], over: Partial<LogLine> = {}, every = 7000): LogLine[] => [
  ...chatter,
  ...texts.flatMap((text) => lines(ago, text, over, every)),
];

/** Kubernetes' own events, as an event exporter writes them. */
export const event = (ago: number, reason: string, message: string, type = "Warning"): LogLine[] =>
  lines(
    ago,
    `${type} ${reason} pod/shop-6c8f7d9b54-x2kqz ${message}`,
    { level: "warn", fields: `reason=${reason}` },
    30_000,
  );

export const pages = (
  name: string,
  annotations: Record<string, string>,
  labels: Record<string, string> = {},
  ago = 1.5 * minute,
): Ordinary["alert"] => ({ ...{ name, labels, annotations, ago } });
