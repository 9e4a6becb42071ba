import { readAlert } from "../../functions/verify/read-alert.ts";
import { prometheus } from "../../shared/adapters/prometheus/prometheus.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import { service as configured } from "../support/world.ts";
import { remoteWrite, stale, type Written } from "./remote-write.ts";

export type Expected = "verified" | "still_firing" | "telemetry_gone" | "no_traffic" | "muted" | "firing";
/** Lines as `metric{labels} value`: `+2` is a counter's rate, `10-0.5` a line by the second of its phase, `9%240` is 9 in the first half minute of every 240 s, `h+9/+1` a native histogram of
 * nine fast and one slow observation a second. Undefined: the target is down. */
type Lines = string[] | undefined;
/** A rule and its series before, during and after the trouble; `%` stands for its job. */
export type Past = {
  expr: string;
  for?: number;
  before: string[];
  bad: string[];
  after: Lines;
  /** Lines of the first scrape after the fix only. */
  once?: string[];
  /** The time after the fix at which the rule is looked at, and for how long it must be quiet. */
  looked?: { afterMs: number; holdMs: number };
  expected: Expected;
};

const second = 1000;
const minute = 60 * second;
const stepMs = 15 * second;
/** The time of each phase. */
const phases = { before: 20 * minute, bad: 10 * minute, after: 30 * minute };
const usual = { afterMs: phases.after, holdMs: 5 * minute };
const own = { service: "pay", environment: "production" };

/** A Prometheus that is told the last hour of each rule at once, and asked about it afterwards. */
export const writePasts = async (url: string, pasts: Record<string, Past>) => {
  const end = Math.floor(Date.now() / second) * second;
  const series = Object.entries(pasts).flatMap(([name, past]) => seriesOf(name, past, end));
  await remoteWrite(url, series);
  return Object.fromEntries(
    await Promise.all(
      Object.entries(pasts).map(async ([name, past]) => [name, await judged(url, name, past, end)]),
    ),
  ) as Record<string, { fired: boolean; verdict: string; reading: Reading }>;
};

const judged = async (url: string, name: string, past: Past, end: number) => {
  const metrics = prometheus({ url });
  const expr = past.expr.replaceAll("%", `job="${name}"`);
  const fix = end - phases.after;
  const onset = fix - phases.bad;
  const step = { start: onset, stepMs: 30 * second, count: phases.bad / (30 * second) };
  const [raised] = await metrics.range(configured(), expr, step);
  // An alert has every label of its series but the metric's name.
  const { __name__: _, ...series } = raised?.labels ?? {};
  const labels = { ...own, alertname: name, ...series };
  const rule = { expr, labels: {}, forMs: past.for ?? 0, keepFiringMs: 0, everyMs: minute };
  const { afterMs, holdMs } = past.looked ?? usual;
  const service = configured({ verify: { holdMs } });
  const asked = {
    alert: { name, labels },
    window: { from: fix + afterMs - holdMs, to: fix + afterMs },
    fired: { from: onset + (past.for ?? 0), to: fix },
    question: { alert: name, at: onset, rules: [rule], series },
  };
  const reading = await readAlert(metrics, service, asked);
  return { fired: raised !== undefined, verdict: verdictOf(reading, asked.window.from), reading };
};

const verdictOf = (reading: Reading, from: number): string => {
  if (reading.result === "quiet") return reading.since <= from ? "verified" : "early";
  return reading.verdict ?? reading.result;
};

/** The series of a job as its scrapes leave them: with `up`, and an end where the target does not have a series any more. */
const seriesOf = (job: string, past: Past, end: number): Written[] => {
  const found = new Map<string, Written>();
  const add = (line: string, value: number, at: number): void => {
    const one = found.get(line) ?? { labels: labelsOf(line, job), samples: [] };
    one.samples.push([value, at]);
    found.set(line, one);
  };
  const observe = (key: string, value: string, at: number): void => {
    const one = found.get(key) ?? { labels: labelsOf(key, job), samples: [], histograms: [] };
    const [last] = one.histograms?.at(-1) ?? [{ fast: 0, slow: 0 }];
    const [fast = 0, slow = 0] = value
      .slice(1)
      .split("/")
      .map((rate) => (Number(rate) * stepMs) / second);
    one.histograms?.push([{ fast: last.fast + fast, slow: last.slow + slow }, at]);
    found.set(key, one);
  };
  const finish = (key: string, at: number): void => {
    const histograms = found.get(key)?.histograms;
    if (histograms === undefined) add(key, stale, at);
    else histograms.push([{ fast: 0, slow: 0, stale: true }, at]);
  };
  let former = new Set<string>();
  let begins = end - phases.before - phases.bad - phases.after;
  for (const phase of ["before", "bad", "after"] as const) {
    const lines = past[phase];
    for (let at = begins; at < begins + phases[phase]; at += stepMs) {
      const now = new Set<string>();
      const first = phase === "after" && at === begins ? (past.once ?? []) : [];
      for (const line of [...(lines ?? []), ...first]) {
        const [key, value] = split(line);
        now.add(key);
        if (value.startsWith("h")) {
          observe(key, value, at);
          continue;
        }
        add(key, valueAt(value, (at - begins) / second, found.get(key)), at);
      }
      for (const key of former) if (!now.has(key)) finish(key, at);
      if (![...now].some((key) => key.startsWith("up{"))) add("up", lines === undefined ? 0 : 1, at);
      former = now;
    }
    begins += phases[phase];
  }
  return [...found.values()];
};

const split = (line: string): [key: string, value: string] => {
  const space = line.lastIndexOf(" ");
  return [line.slice(0, space), line.slice(space + 1)];
};

/** A counter goes on from where it was. */
const valueAt = (given: string, seconds: number, before: Written | undefined): number => {
  if (given === "NaN") return Number.NaN;
  const [, height, every] = /^([\d.]+)%(\d+)$/.exec(given) ?? [];
  if (every !== undefined) return seconds % Number(every) < 30 ? Number(height) : 0;
  const [, base, slope] = /^(-?[\d.]+(?:e\d+)?)?([+-][\d.]+)?$/.exec(given) ?? [];
  if (base !== undefined) return Number(base) + Number(slope ?? 0) * seconds;
  const last = before?.samples.at(-1)?.[0];
  return (last === undefined || last === stale ? 0 : last) + (Number(slope ?? 0) * stepMs) / second;
};

const labelsOf = (key: string, job: string): [string, string][] => {
  const [metric = "", text = ""] = key.split(/\{(.*)\}$/);
  const given = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]): [string, string] => [
    name,
    value,
  ]);
  const known = new Set(given.map(([name]) => name));
  const shared: [string, string][] = [["job", job], ["instance", "10.0.0.1:9100"], ...Object.entries(own)];
  return [["__name__", metric], ...given, ...shared.filter(([name]) => !known.has(name))];
};
