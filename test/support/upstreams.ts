import assert from "node:assert/strict";
import { unknown } from "zod";
import { askServer } from "../../infra/cli/operator.ts";
import { alertmanagerOf, pagingOf } from "../../infra/host/adapters/paging.ts";
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
/** Each outside system as the hosts call it, with one call of it that reads and, where there is one, one that writes; `token` is the credential. */
export const calls: Record<string, (url: string, token?: string) => Promise<unknown>> = {
  "GitHub, a read": (url, token = "t") => githubAt(url, token).shas(service(), { since: 0, until: 1 }),
  "GitHub, a write": (url, token = "t") =>
    githubAt(url, token).closePull(service(), { number: 1, url: "", branch: "b", head: "h" } as never),
  "Slack, a read": (url, token = "t") => slackAt(url, token).isApprover("U1", ["S1"]),
  "Slack, a write": (url, token = "t") => slackAt(url, token).whisper("C1", "U1", "hello"),
  "Prometheus, a query": (url, token = "t") =>
    prometheusApi({ url, token, fetch: observedFetch("prometheus") }).range("up", {
      start: 0,
      stepMs: 1000,
      count: 1,
    }),
  "Prometheus, its rules": (url, token = "t") =>
    prometheusApi({ url, token, fetch: observedFetch("prometheus") }).allRules(),
  Loki: (url, token = "t") => loki({ url, token, fetch: observedFetch("loki") })('{app="a"}', range),
  Elasticsearch: (url, token = "t") =>
    elasticsearch({ url, apiKey: token, fetch: observedFetch("elasticsearch") })(
      { index: "a", query: "b" },
      range,
    ),
  "a registry": (url) =>
    registry({ registries: [{ host: new URL(url).host, url }], fetch: observedFetch("registry") }).origin({
      name: `${new URL(url).host}/a`,
      tag: "v1",
    }),
  "Open Policy Agent": async (url, token = "t") => {
    const decided = await openPolicyAgent({ url, token, fetch: observedFetch("opa") }).decide(
      "a/b",
      {} as never,
    );
    assert.equal(decided.result, "undecided");
    throw new Error("undecided");
  },
  "Alertmanager, its alerts": (url, token = "t") =>
    alertmanagerOf({ alertmanager: { url, token } }, () => 0).activeAlerts!.list({}),
  "Alertmanager, a page": (url, token = "t") =>
    pagingOf({ alertmanager: { url, token } }, () => 0).raise("alertmanager", page),
  PagerDuty: (url, token = "t") =>
    pagingOf({ pagerduty: { url, routingKey: token } }, () => 0).raise("pagerduty", page),
  "a page webhook": (url, token = "t") =>
    pagingOf({ webhookToken: token }, () => 0).raise({ webhook: url }, page),
  "the operator's command line": (url, token = "t") =>
    askServer({ url, path: "/stop", body: {}, token, answer: unknown() }),
};

const githubAt = (apiUrl: string, token: string) =>
  github({ client: githubClient({ apiUrl, token, fetch: observedFetch("github") }) });
const slackAt = (url: string, token: string) =>
  slack({
    client: slackClient({ token: `xoxb-${token}`, apiUrl: `${url}/`, fetch: observedFetch("slack") }),
  });
