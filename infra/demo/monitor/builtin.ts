import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type ActiveAlert, evaluateRule } from "./alerts.ts";
import { monitorApi } from "./api.ts";
import { evaluate } from "./evaluate.ts";
import { parseExposition } from "./exposition.ts";
import { createNotifier, type Receiver } from "./notifier.ts";
import { parsePromql } from "./promql.ts";
import { intervalMs, rule as own, type Rule } from "./rule.ts";
import { createSeries } from "./series.ts";

/** The time in which a monitor lives. `every` does the work at each interval until its result is called. */
export type Pulse = {
  now(): number;
  every(work: () => Promise<void>): () => void;
  /** How long a scrape may take. */
  scrapeMs: number;
};
const realPulse: Pulse = {
  now: Date.now,
  every(work) {
    const timer = setInterval(work, intervalMs);
    return () => clearInterval(timer);
  },
  scrapeMs: intervalMs - 50,
};

/** Stands in for Prometheus and Alertmanager where they are not installed: one target, one rule, one receiver. */
export const startBuiltin = async ({
  target,
  webhook,
  rule = own,
  pulse = realPulse,
}: {
  target: string;
  webhook: Receiver;
  rule?: Rule;
  pulse?: Pulse | undefined;
}) => {
  const series = createSeries();
  const expr = parsePromql(rule.expr);
  let alerts: ActiveAlert[] = [];
  const app = monitorApi({ series, rule, alerts: () => alerts, now: pulse.now });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await new Promise((resolve) => (server.listening ? resolve(undefined) : server.once("listening", resolve)));
  const prometheusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const generatorURL = `${prometheusUrl}/graph?g0.expr=${encodeURIComponent(rule.expr).replaceAll("%20", "+")}&g0.tab=1`;
  const notifier = createNotifier(webhook, { externalURL: prometheusUrl, generatorURL });

  const round = async (): Promise<void> => {
    const at = pulse.now();
    series.append(await scrape(target, at, pulse.scrapeMs), at);
    const value = evaluate(expr, series, at);
    alerts = evaluateRule(rule, alerts, value.type === "vector" ? value.samples : [], at);
    notifier.flush(alerts, at);
  };

  const first = round();
  let rounds = first;
  const rest = pulse.every(async () => {
    rounds = rounds.then(round);
    await rounds;
    await notifier.settled();
  });
  return {
    kind: "builtin" as const,
    prometheusUrl,
    watching: () => first,
    async stop() {
      rest();
      await rounds;
      await notifier.settled();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
};

/** One scrape with the labels that Prometheus would add. A target that does not answer has no samples but `up`. */
const scrape = async (target: string, at: number, patienceMs: number) => {
  const labels = { job: "payment-gateway", instance: new URL(target).host };
  const samples = await fetch(`${target}/metrics`, { signal: AbortSignal.timeout(patienceMs) })
    .then(async (answer) => (answer.ok ? parseExposition(await answer.text()) : undefined))
    .catch(() => undefined);
  const up = { labels: { __name__: "up" }, value: samples ? 1 : 0 };
  return [...(samples ?? []), up].map((sample) => ({
    value: sample.value,
    labels: { ...sample.labels, ...labels },
    at,
  }));
};
