import { z } from "zod";
import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import { sendJson, type Upstream } from "../../../shared/adapters/http/send-json.ts";
import type { Api } from "../../../shared/adapters/prometheus/api.ts";
import type { Configured } from "../../../shared/config.ts";
import { unmatched, unplaced } from "../../../shared/policy/left.ts";
import { selector } from "../../../shared/policy/match.ts";
import { counted } from "../../../shared/text/format.ts";
import { parseYaml, plain } from "../../../shared/yaml/document.ts";
import { checkSignals } from "./signals.ts";
import { type AlertingRule, mayBeOf, unverified } from "./unverified.ts";

const day = 24 * 60 * 60_000;
const mostTold = 10;

/** Prometheus' rules and the alerts of the last day, held against the configuration. */
export const checkPrometheus = (api: Api, services: Configured[], now: number): Promise<Finding[]> =>
  orFailed("prometheus", "check PROMETHEUS_URL, its token and its tenant", async () => {
    const rules = (await api.allRules()).map(
      (rule): AlertingRule => ({ ...rule, source: rule.source ?? "Prometheus" }),
    );
    const fired = await api.range("ALERTS", hours(now));
    const notes = unverified(services, rules);
    const version = await api.version();
    return [
      ok(
        "prometheus",
        `answers${version === undefined ? "" : `, version ${version}`}, with ${counted(rules.length, "alerting rule")}`,
      ),
      ...ruleless(services, rules),
      ...notes
        .slice(0, mostTold)
        .map((note) => warning("prometheus", note, "set verify.expr or verify.data for it")),
      ...leftAlone(
        fired.map(({ labels }) => labels),
        services,
      ),
      ...(await checkSignals(api.range, services, now)),
    ];
  });

/** Services of this Prometheus that no rule could be about, by the labels that the rules set. */
const ruleless = (services: Configured[], rules: AlertingRule[]): Finding[] => {
  const without = services.filter(
    (service) => service.metrics?.url === undefined && !rules.some((rule) => mayBeOf(service, rule)),
  );
  return without
    .slice(0, mostTold)
    .map(({ name }) =>
      warning(
        "prometheus",
        `no alerting rule sets labels that ${name} matches`,
        "compare its match with the labels of the rules, or write rules for it",
      ),
    );
};

const hours = (now: number) => ({ start: now - day, stepMs: day / 24, count: 25 });

/** The alerts of the last day that no service would take, each name once. */
const leftAlone = (fired: Record<string, string>[], services: Configured[]): Finding[] => {
  const select = selector(services);
  const left = new Map<string, Finding>();
  for (const labels of fired) {
    const name = labels.alertname ?? "";
    if (Object.keys(labels).length < 2 || left.has(name)) continue;
    const selected = select({ labels });
    if ("environment" in selected) continue;
    const { looked, nearest } =
      selected.left === "unknown_service" ? unmatched(services, labels) : unplaced(selected.service, labels);
    const shown = Object.entries(looked).map(([label, value]) => `${label}=${value}`);
    const near = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    const text = `${name || "an alert"} fired in the last day and would be left alone (${shown.join(", ")})${near}`;
    left.set(name, warning("alerts", text, "add a matcher or a service, if it should be taken"));
  }
  return [...left.values()].slice(0, mostTold);
};

const status = z.object({
  config: z.object({ original: z.string() }),
  versionInfo: z.object({ version: z.string() }),
});
const receivers = z.object({
  receivers: z.array(
    z.object({
      name: z.string(),
      webhook_configs: z
        .array(
          z.object({
            url: z.unknown(),
            send_resolved: z.boolean().default(true),
            max_alerts: z.number().default(0),
          }),
        )
        .default([]),
    }),
  ),
});

/** Alertmanager's own configuration: whether it tells us, and tells us of ends. Alertmanager hides a webhook's address where it is a secret. */
export const checkAlertmanager = (upstream: Upstream): Promise<Finding[]> =>
  orFailed("alertmanager", "check ALERTMANAGER_URL and ALERTMANAGER_API_TOKEN", async () => {
    const { config, versionInfo } = status.parse(
      await sendJson(upstream, { method: "GET", path: "/api/v2/status" }),
    );
    const { receivers: all } = receivers.parse(yamlOf(config.original));
    const ours = all.flatMap(({ name, webhook_configs }) =>
      webhook_configs.filter(({ url }) => isOurs(String(url))).map((webhook) => ({ name, ...webhook })),
    );
    const answers = ok("alertmanager", `answers, version ${versionInfo.version}`);
    if (ours.length === 0)
      return [
        answers,
        warning(
          "alertmanager",
          "no receiver is seen to call /webhooks/alertmanager",
          "see docs/connect-alertmanager.md",
        ),
      ];
    return [
      answers,
      ...ours.flatMap(({ name, send_resolved, max_alerts }) => [
        ...(send_resolved
          ? []
          : [failed(`alertmanager ${name}`, "does not tell of alerts that end", "set send_resolved: true")]),
        ...(max_alerts === 0
          ? []
          : [warning(`alertmanager ${name}`, `cuts groups at ${max_alerts} alerts`, "set max_alerts: 0")]),
      ]),
    ];
  });

const yamlOf = (text: string): unknown => {
  const [document] = parseYaml("Alertmanager's configuration", text).documents;
  return document === undefined ? undefined : plain(document, document);
};

const isOurs = (url: string): boolean => url.includes("/webhooks/alertmanager") || url === "<secret>";
