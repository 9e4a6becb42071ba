import { array, boolean, nullish, object, optional, record, string, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { ActiveRule } from "../../ports/metrics.ts";
import { durationMs } from "../../promql/lookback.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";
import { expressionOf, stage } from "./rule-expression.ts";

const texts = nullish(record(string(), string()));
/** A rule as Grafana's provisioning API tells it: https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/ */
const rule = object({
  ...{ title: string(), condition: string(), data: array(stage), uid: optional(string()) },
  ...{ labels: texts, annotations: texts, folderUID: nullish(string()), ruleGroup: nullish(string()) },
  ...{ for: nullish(string()), keep_firing_for: nullish(string()), isPaused: nullish(boolean()) },
});
const titled = object({ title: string() });

/** Grafana's own default, as the list of rules does not say how often a group is evaluated. */
const usualMs = 60_000;
/** Annotations are kept with the incident. */
const longest = { annotation: 500, annotations: 8 };

/**
 * The Grafana-managed rules of a name, as expressions for the Prometheus that they query. A rule that cannot be said in PromQL is none.
 * Throws UpstreamError.
 */
export const grafanaRules =
  (upstream: Upstream) =>
  async (name: string): Promise<ActiveRule[]> => {
    const path = "/api/v1/provisioning/alert-rules";
    const listed = array(unknown()).safeParse(await sendJson(upstream, { method: "GET", path }));
    if (!listed.success)
      throw new UpstreamError("grafana", `GET ${path}: the answer is not a list of rules`, {
        retryable: false,
      });
    return listed.data.flatMap((one) => {
      if (titled.safeParse(one).data?.title !== name) return [];
      const parsed = rule.safeParse(one);
      const expr = parsed.success && !parsed.data.isPaused ? expressionOf(parsed.data) : undefined;
      return parsed.success && expr !== undefined ? [ruleOf(parsed.data, expr)] : [];
    });
  };

const ruleOf = (given: ReturnType<typeof rule.parse>, expr: string): ActiveRule => {
  const { labels, annotations, folderUID, ruleGroup, uid } = given;
  const shown = Object.entries(annotations ?? {})
    .filter(([name]) => !name.startsWith("__"))
    .slice(0, longest.annotations);
  return {
    ...{ expr, active: [], everyMs: usualMs, forMs: durationMs(given.for ?? "0") },
    keepFiringMs: durationMs(given.keep_firing_for ?? "0"),
    // Grafana adds the title of the folder to each alert, and no series has it.
    labels: { ...labels, grafana_folder: "{{ folder }}" },
    annotations: Object.fromEntries(shown.map(([name, text]) => [name, text.slice(0, longest.annotation)])),
    source: `Grafana ${[folderUID, ruleGroup, uid].filter(Boolean).join("/")}`,
  };
};
