import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, listening } from "../support/free-port.ts";

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

/** One Prometheus for every kind: a job each, scraped and evaluated every second. `fix` begins the phase after the fix. */
export const startKinds = async (kinds: Record<string, Kind>) => {
  const [directory, port] = [await mkdtemp(join(tmpdir(), "countersteer-kinds-")), await freePort()];
  const began = Date.now();
  let fixed = Number.POSITIVE_INFINITY;
  const target = createServer((request, response) => {
    const kind = kinds[new URL(request.url ?? "/", "http://target").pathname.slice(1)];
    const now = Date.now();
    const seconds = (now - began) / 1000;
    const phase = now < fixed ? "bad" : "after";
    const text = kind?.world(phase, seconds, phase === "bad" ? 0 : (now - fixed) / 1000);
    response.writeHead(text === undefined ? 503 : 200, { "content-type": "text/plain" }).end(text);
  });
  const targets = [`127.0.0.1:${await listening(target)}`];
  const names = Object.keys(kinds);
  const groupsOf = (changed: Record<string, Rule[]>) =>
    names.map((name) => ({ name, interval: "1s", rules: changed[name] ?? kinds[name]?.rules ?? [] }));
  const scrapes = names.map((name) => ({
    ...{ job_name: name, metrics_path: `/${name}`, honor_labels: true, static_configs: [{ targets }] },
  }));
  // JSON is YAML.
  const writeRules = (changed: Record<string, Rule[]>) =>
    writeFile(join(directory, "rules.yml"), JSON.stringify({ groups: groupsOf(changed) }));
  await writeRules({});
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    ...{ rule_files: [join(directory, "rules.yml")], scrape_configs: scrapes },
  };
  await writeFile(join(directory, "prometheus.yml"), JSON.stringify(config));
  const args = [
    ...[`--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`],
    ...[`--web.listen-address=127.0.0.1:${port}`, "--log.level=error"],
  ];
  const child = spawn("prometheus", args, { stdio: "ignore" });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    fix: (): number => {
      fixed = Date.now();
      return fixed;
    },
    /** Writes other rules for some kinds into the rule file, and reloads it. */
    rewrite: async (changed: Record<string, Rule[]>): Promise<void> => {
      await writeRules(changed);
      child.kill("SIGHUP");
    },
    /** The labels of the alerts that fire, by name. */
    firing: async (): Promise<Map<string, Record<string, string>>> => {
      const answer = await fetch(`${url}/api/v1/alerts`).catch(() => undefined);
      if (!answer?.ok) return new Map();
      const { data } = (await answer.json()) as {
        data: { alerts: { state: string; labels: Record<string, string> }[] };
      };
      const firing = data.alerts.filter(({ state }) => state === "firing");
      return new Map(firing.map(({ labels }) => [labels.alertname ?? "", labels]));
    },
    stop: async (): Promise<void> => {
      child.kill("SIGKILL");
      target.close().closeAllConnections();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** Asks until the answer is as wanted, or the time is over. Returns the last answer. */
export const ask = async <T>(
  read: () => Promise<T>,
  isDone: (answer: T) => boolean,
  ms: number,
): Promise<T> => {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await read();
    if (isDone(answer) || Date.now() > deadline) return answer;
    await pause(300);
  }
};
