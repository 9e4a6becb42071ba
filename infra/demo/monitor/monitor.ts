import { type Pulse, startBuiltin } from "./builtin.ts";
import type { Receiver } from "./notifier.ts";
import { findBinaries, startReal } from "./real.ts";
import { rule as own, type Rule } from "./rule.ts";

export type Monitor = {
  kind: "real" | "builtin";
  prometheusUrl: string;
  alertmanagerUrl?: string;
  /** Resolves once the service has been scraped. */
  watching(): Promise<void>;
  stop(): Promise<void>;
};
export type MonitorOptions = {
  /** The address whose /metrics is scraped. */
  target: string;
  webhook: Receiver;
  /** The rule that is evaluated; the demo's own by default. */
  rule?: Rule;
  /** Where the real ones keep configuration and data. */
  dir: string;
  /** Where the real ones log. */
  logDir: string;
  prefer?: "real" | "builtin";
  /** The time in which the built-in one lives; the machine's by default. */
  pulse?: Pulse;
  onProblem?: (problem: string) => void;
};

/** Watches the service and sends alerts: with Prometheus and Alertmanager when PATH has them, else with the built-in monitor. */
export const startMonitor = async ({
  target,
  webhook,
  rule = own,
  dir,
  logDir,
  prefer,
  pulse,
  onProblem,
}: MonitorOptions): Promise<Monitor> => {
  if (prefer === "builtin") return startBuiltin({ target, webhook, rule, pulse });
  const binaries = await findBinaries();
  if (!binaries && prefer === "real")
    throw new Error("prometheus and prometheus-alertmanager are not both on PATH");
  if (!binaries) return startBuiltin({ target, webhook, rule, pulse });
  try {
    return await startReal({ target, webhook, rule, dir, logDir, binaries });
  } catch (error) {
    if (prefer === "real") throw error;
    onProblem?.(`${(error as Error).message}; the built-in monitor takes over`);
    return startBuiltin({ target, webhook, rule, pulse });
  }
};
