import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { until as untilRead } from "../support/until.ts";
import { remoteWrite, stale, type Written } from "./remote-write.ts";

export type Phase = "bad" | "after";
type Rule = { expr: string } & (
  | { alert: string; for?: string; labels?: Record<string, string> }
  | { record: string }
);
/** `world`: the metrics in a phase, with the seconds since the start and since the fix. Undefined: the target is down. */
export type Kind = {
  rules: Rule[];
  world: (phase: Phase, seconds: number, since: number) => string | undefined;
  labels?: Record<string, string>;
};

export const isMissing = spawnSync("prometheus", ["--version"]).error !== undefined;

const second = 1000;
/** The bad time before the first evaluation, the time that is written in advance, and the time after the fix, in seconds. */
const [past, ahead, end] = [10, 3, 40];

/**
 * One Prometheus for every kind. A job each is written into it as if it were scraped every second, with the instants
 * ahead of the clock: so the time after the fix can be asked about before it has come. Rules are evaluated every second.
 */
export const startKinds = async (kinds: Record<string, Kind>) => {
  const { url, stop, reload, writeRules } = await startPrometheus(groupsOf(kinds));
  const began = Date.now() - past * second;
  const jobs = Object.entries(kinds).map(([name, { world }], index) =>
    scraped(name, world, (index * 37) % second),
  );
  let written = 0;
  let fixedAt = Number.POSITIVE_INFINITY;
  const writeUntil = async (until: number): Promise<void> => {
    const steps = Array.from({ length: until - written }, (_, index) => written + index);
    written = until;
    const at = (step: number) => ({ began, step, fixedAt });
    await remoteWrite(
      url,
      jobs.flatMap((scrape) => scrape(steps.map(at))),
    );
  };
  const writeAhead = async (): Promise<void> => {
    const until = Math.ceil((Date.now() - began) / second) + ahead;
    if (until > written) await writeUntil(until);
  };
  await writeAhead();
  return {
    ...{ url, began },
    /** Begins the time after the fix, and writes all of it. Returns when it begins. */
    fix: async (): Promise<number> => {
      fixedAt = written;
      await writeUntil(written + end);
      return began + fixedAt * second;
    },
    /** Evaluates other rules from now on: those of these kinds only. */
    rewrite: async (changed: Record<string, Pick<Kind, "rules">>): Promise<void> => {
      await writeRules(groupsOf(changed));
      reload();
    },
    /** The labels of the alerts that fire, by name. */
    firing: async (): Promise<Map<string, Record<string, string>>> => {
      await writeAhead();
      const { data } = (await (await fetch(`${url}/api/v1/alerts`)).json()) as {
        data: { alerts: { state: string; labels: Record<string, string> }[] };
      };
      const firing = data.alerts.filter(({ state }) => state === "firing");
      return new Map(firing.map(({ labels }) => [labels.alertname ?? "", labels]));
    },
    stop,
  };
};

type Group = { name: string; interval: string; rules: Rule[] };

const groupsOf = (kinds: Record<string, Pick<Kind, "rules">>): Group[] =>
  Object.entries(kinds).map(([name, { rules }]) => ({ name, interval: "1s", rules }));

/** A Prometheus that is ready, scrapes nothing, and takes what is written into it. */
export const startPrometheus = async (groups: Group[], features: string[] = []) => {
  const [directory, port] = [await mkdtemp(join(tmpdir(), "countersteer-kinds-")), await freePort()];
  // JSON is YAML.
  const writeRules = (rules: Group[]) =>
    writeFile(join(directory, "rules.yml"), JSON.stringify({ groups: rules }));
  await writeRules(groups);
  await writeFile(
    join(directory, "prometheus.yml"),
    JSON.stringify({ rule_files: [join(directory, "rules.yml")] }),
  );
  const args = [
    ...[`--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`],
    ...[`--web.listen-address=127.0.0.1:${port}`, "--log.level=error", "--web.enable-remote-write-receiver"],
    ...features.map((name) => `--enable-feature=${name}`),
  ];
  const child = spawn("prometheus", args, { stdio: "ignore", env: { ...process.env, GOGC: "400" } });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await untilRead("Prometheus", isReady, (ready) => ready || child.exitCode !== null);
  return {
    ...{ url, writeRules },
    reload: () => child.kill("SIGHUP"),
    stop: async (): Promise<void> => {
      child.kill("SIGKILL");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
};

type Instant = { began: number; step: number; fixedAt: number };

/** A job's series as its scrapes leave them: with `up`, and an end where the target does not have a series any more. */
const scraped = (job: string, world: Kind["world"], offset: number) => {
  let former = new Set<string>();
  return (instants: Instant[]): Written[] => {
    const found = new Map<string, Written>();
    const add = (line: string, value: number, at: number): void => {
      const series = found.get(line) ?? { labels: labelsOf(line, job), samples: [] };
      series.samples.push([value, at]);
      found.set(line, series);
    };
    for (const { began, step, fixedAt } of instants) {
      const at = began + step * second + offset;
      const [seconds, since] = [step + offset / second, step - fixedAt + offset / second];
      const text = step < fixedAt ? world("bad", seconds, 0) : world("after", seconds, since);
      const samples = samplesOf(text ?? "");
      for (const [line, value] of samples) add(line, value, at);
      for (const line of former) if (!samples.has(line)) add(line, stale, at);
      add("up", text === undefined ? 0 : 1, at);
      former = new Set(samples.keys());
    }
    return [...found.values()];
  };
};

/** The values of a text in the exposition format, by the series. */
const samplesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );

const labelsOf = (series: string, job: string): [string, string][] => {
  const [metric = "", text = ""] = series.split(/\{(.*)\}$/);
  const given = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]): [string, string] => [
    name,
    value,
  ]);
  const known = new Set(given.map(([name]) => name));
  const own: [string, string][] = [
    ["job", job],
    ["instance", "127.0.0.1:9100"],
  ];
  return [["__name__", metric], ...given, ...own.filter(([name]) => !known.has(name))];
};
