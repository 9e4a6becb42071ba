import assert from "node:assert/strict";
import { unknown } from "zod";
import { askServer } from "../../infra/cli/operator.ts";
import { alertmanagerOf, pagingOf } from "../../infra/host/paging.ts";
import { github, githubClient } from "../../shared/adapters/github/github.ts";
import { observedFetch } from "../../shared/adapters/http/observed-fetch.ts";
import { elasticsearch } from "../../shared/adapters/logs/elasticsearch.ts";
import { loki } from "../../shared/adapters/logs/loki.ts";
import { openPolicyAgent } from "../../shared/adapters/opa/opa.ts";
import { prometheusApi } from "../../shared/adapters/prometheus/api.ts";
import { registry } from "../../shared/adapters/registry/registry.ts";
import { slack, slackClient } from "../../shared/adapters/slack/slack.ts";
import { service } from "./world.ts";

const page = {
  ...{ key: "k", service: "shop", environment: "production", summary: "s", detail: "d" },
  ...{ url: "http://shop.test", since: 0 },
};
const range = { service: "shop", from: 0, to: 1, limit: 1 };
/** Each outside system as the hosts call it, with one call of it that reads and, where there is one, one that writes. */
export const calls: Record<string, (url: string) => Promise<unknown>> = {
  "GitHub, a read": (url) => githubAt(url).shas(service(), { since: 0, until: 1 }),
  "GitHub, a write": (url) =>
    githubAt(url).closePull(service(), { number: 1, url: "", branch: "b", head: "h" } as never),
  "Slack, a read": (url) => slackAt(url).isApprover("U1", ["S1"]),
  "Slack, a write": (url) => slackAt(url).whisper("C1", "U1", "hello"),
  "Prometheus, a query": (url) =>
    prometheusApi({ url, token: "t", fetch: observedFetch("prometheus") }).range("up", {
      start: 0,
      stepMs: 1000,
      count: 1,
    }),
  "Prometheus, its rules": (url) =>
    prometheusApi({ url, token: "t", fetch: observedFetch("prometheus") }).allRules(),
  Loki: (url) => loki({ url, token: "t", fetch: observedFetch("loki") })('{app="a"}', range),
  Elasticsearch: (url) =>
    elasticsearch({ url, apiKey: "k", fetch: observedFetch("elasticsearch") })(
      { index: "a", query: "b" },
      range,
    ),
  "a registry": (url) =>
    registry({ registries: [{ host: new URL(url).host, url }], fetch: observedFetch("registry") }).origin({
      name: `${new URL(url).host}/a`,
      tag: "v1",
    }),
  "Open Policy Agent": async (url) => {
    const decided = await openPolicyAgent({ url, token: "t", fetch: observedFetch("opa") }).decide(
      "a/b",
      {} as never,
    );
    assert.equal(decided.result, "undecided");
    throw new Error("undecided");
  },
  "Alertmanager, its alerts": (url) =>
    alertmanagerOf({ alertmanager: { url, token: "t" } }, () => 0).activeAlerts!.list({}),
  "Alertmanager, a page": (url) =>
    pagingOf({ alertmanager: { url, token: "t" } }, () => 0).raise("alertmanager", page),
  PagerDuty: (url) => pagingOf({ pagerduty: { url, routingKey: "k" } }, () => 0).raise("pagerduty", page),
  "a page webhook": (url) => pagingOf({ webhookToken: "t" }, () => 0).raise({ webhook: url }, page),
  "the operator's command line": (url) =>
    askServer({ url, path: "/stop", body: {}, token: "t", answer: unknown() }),
};

const githubAt = (apiUrl: string) =>
  github({ client: githubClient({ apiUrl, token: "t", fetch: observedFetch("github") }) });
const slackAt = (url: string) =>
  slack({ client: slackClient({ token: "xoxb-t", apiUrl: `${url}/`, fetch: observedFetch("slack") }) });
