import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { type Child, startChild, untilReady } from "../child.ts";
import type { Receiver } from "./notifier.ts";
import { groupBy, groupWaitMs, intervalMs, rule as own, type Rule } from "./rule.ts";

export type Binaries = { prometheus: string; alertmanager: string };

/** Prometheus and Alertmanager as PATH has them (Debian calls the second prometheus-alertmanager), or undefined. */
export const findBinaries = async (path = process.env.PATH ?? ""): Promise<Binaries | undefined> => {
  const prometheus = await which(path, ["prometheus"]);
  const alertmanager = await which(path, ["prometheus-alertmanager", "alertmanager"]);
  return prometheus && alertmanager ? { prometheus, alertmanager } : undefined;
};

const which = async (path: string, names: string[]): Promise<string | undefined> => {
  const files = path
    .split(delimiter)
    .filter(Boolean)
    .flatMap((dir) => names.map((name) => join(dir, name)));
  for (const file of files)
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  return undefined;
};

type RealOptions = {
  target: string;
  webhook: Receiver;
  rule?: Rule;
  dir: string;
  logDir: string;
  binaries: Binaries;
};

/** Runs Prometheus and Alertmanager on loopback with the demo's one rule and one receiver; their data and logs go to `dir`. */
export const startReal = async ({ target, webhook, rule = own, dir, logDir, binaries }: RealOptions) => {
  const [prometheusPort, alertmanagerPort] = await freePorts(2);
  const prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
  const alertmanagerUrl = `http://127.0.0.1:${alertmanagerPort}`;
  await writeConfiguration({ target, webhook, rule, dir, alertmanagerUrl });
  const alertmanager = startChild({
    command: binaries.alertmanager,
    args: [
      `--config.file=${join(dir, "alertmanager.yml")}`,
      `--storage.path=${join(dir, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      `--web.external-url=${alertmanagerUrl}`,
      "--cluster.listen-address=",
    ],
    log: join(logDir, "alertmanager.log"),
  });
  const prometheus = startChild({
    command: binaries.prometheus,
    args: [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      `--web.external-url=${prometheusUrl}`,
      "--rules.alert.resend-delay=2s",
    ],
    log: join(logDir, "prometheus.log"),
  });
  const stop = async () => void (await Promise.all([prometheus.stop(), alertmanager.stop()]));
  try {
    await Promise.all([
      ready("Alertmanager", alertmanager, alertmanagerUrl),
      ready("Prometheus", prometheus, prometheusUrl),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  const watching = () => untilReady("Prometheus' first scrape", prometheus, () => scraped(prometheusUrl));
  return { kind: "real" as const, prometheusUrl, alertmanagerUrl, watching, stop };
};

const ready = (what: string, child: Child, url: string): Promise<void> =>
  untilReady(what, child, async () => (await fetch(`${url}/-/ready`)).ok);

/** Prometheus looks at its targets only some seconds after its start. */
const scraped = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent("up == 1")}`);
  const { data } = (await answer.json()) as { data: { result: unknown[] } };
  return data.result.length > 0;
};

type Configured = Omit<RealOptions, "binaries" | "logDir"> & { alertmanagerUrl: string };

const writeConfiguration = async ({
  target,
  webhook,
  rule = own,
  dir,
  alertmanagerUrl,
}: Configured): Promise<void> => {
  const token = join(dir, "webhook-token");
  const seconds = (ms: number) => `${ms / 1000}s`;
  const { group, alert, expr, forMs, labels, annotations } = rule;
  const files = {
    "prometheus.yml": {
      global: {
        scrape_interval: seconds(intervalMs),
        scrape_timeout: seconds(intervalMs),
        evaluation_interval: seconds(intervalMs),
      },
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanagerUrl).host] }] }] },
      rule_files: ["rules.yml"],
      scrape_configs: [
        { job_name: "payment-gateway", static_configs: [{ targets: [new URL(target).host] }] },
      ],
    },
    "rules.yml": {
      groups: [{ name: group, rules: [{ alert, expr, for: seconds(forMs), labels, annotations }] }],
    },
    "alertmanager.yml": {
      route: {
        receiver: "countersteer",
        group_by: groupBy,
        group_wait: seconds(groupWaitMs),
        group_interval: "2s",
        repeat_interval: "1m",
      },
      receivers: [
        {
          name: "countersteer",
          webhook_configs: [
            {
              url: webhook.url,
              send_resolved: true,
              http_config: { authorization: { type: "Bearer", credentials_file: token } },
            },
          ],
        },
      ],
    },
  };
  await mkdir(dir, { recursive: true });
  await writeFile(token, webhook.token, { mode: 0o600 });
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), stringify(content));
};

/** Loopback ports that nobody uses now; all are held while the last is found, so that they differ. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
