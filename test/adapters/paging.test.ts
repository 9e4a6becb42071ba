import assert from "node:assert/strict";
import { test } from "node:test";
import { pagingOf } from "../../infra/host/adapters/paging.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Page } from "../../shared/ports/paging.ts";
import { type Canned, serve } from "../support/answering.ts";

const now = Date.UTC(2026, 10, 28, 12);
const clock = () => now;
const page: Page = {
  ...{ key: "shop/production", service: "shop", environment: "production", since: now - 60_000 },
  summary: "shop in production: not verified 45 min after the first alert",
  detail: "PaymentErrorsHigh: payments fail",
  url: "http://countersteer.test/incidents/shop/production",
};
const sent = (server: Awaited<ReturnType<typeof serve>>) =>
  server.asked.map(({ path, headers, body }) => [path, headers.authorization, JSON.parse(body)]);
const ok = (): Canned => ({ body: "{}" });

test("Alertmanager is given the alert CountersteerUnresolved, which fires until it is resolved", async () => {
  await using server = await serve(ok);
  const paging = pagingOf({ alertmanager: { url: `${server.url}/am`, token: "secret" } }, clock);
  await paging.raise("alertmanager", page);
  await paging.resolve("alertmanager", page);
  const alert = {
    labels: {
      ...{ alertname: "CountersteerUnresolved", service: "shop", environment: "production" },
      ...{ incident: "shop/production", severity: "critical" },
    },
    annotations: { summary: page.summary, description: page.detail },
    startsAt: "2026-11-28T11:59:00.000Z",
    generatorURL: page.url,
  };
  assert.deepEqual(sent(server), [
    ["/am/api/v2/alerts", "Bearer secret", [{ ...alert, endsAt: "2026-11-29T00:00:00.000Z" }]],
    ["/am/api/v2/alerts", "Bearer secret", [{ ...alert, endsAt: "2026-11-28T12:00:00.000Z" }]],
  ]);
});

test("PagerDuty is triggered and resolved by one key, in the form of its Events API v2", async () => {
  await using server = await serve(ok);
  const paging = pagingOf({ pagerduty: { routingKey: "R0UTE", url: server.url } }, clock);
  await paging.raise("pagerduty", page);
  await paging.resolve("pagerduty", page);
  const key = { routing_key: "R0UTE", dedup_key: "countersteer:shop/production" };
  assert.deepEqual(sent(server), [
    [
      "/v2/enqueue",
      undefined,
      {
        ...{ ...key, event_action: "trigger", client: "Countersteer", client_url: page.url },
        payload: {
          ...{ summary: page.summary, source: "shop/production", severity: "critical" },
          ...{ timestamp: "2026-11-28T11:59:00.000Z", component: "shop", group: "production" },
          ...{ class: "CountersteerUnresolved", custom_details: { detail: page.detail } },
        },
        links: [{ href: page.url, text: "Incident" }],
      },
    ],
    ["/v2/enqueue", undefined, { ...key, event_action: "resolve" }],
  ]);
  const { url: _, ...withoutPage } = page;
  await paging.raise("pagerduty", withoutPage);
  const last = sent(server).at(-1)![2] as object;
  assert.deepEqual([(last as { links: unknown }).links, "client_url" in last], [[], false]);
});

test("a webhook gets the page as JSON, firing and then resolved, with its token", async () => {
  await using server = await serve(ok);
  const paging = pagingOf({ webhookToken: "hook" }, clock);
  const target = { webhook: `${server.url}/page` };
  await paging.raise(target, page);
  await paging.resolve(target, page);
  const body = { version: "1", ...page, since: "2026-11-28T11:59:00.000Z" };
  assert.deepEqual(sent(server), [
    ["/page", "Bearer hook", { ...body, status: "firing" }],
    ["/page", "Bearer hook", { ...body, status: "resolved" }],
  ]);
});

test("an answer that may change is tried again, a refusal is final, and what is not set up is said", async () => {
  const answers: Canned[] = [
    { status: 503, body: "busy" },
    { status: 429, body: "" },
    { status: 400, body: "bad key" },
  ];
  await using server = await serve(() => answers.shift()!);
  const paging = pagingOf({ pagerduty: { routingKey: "R", url: server.url } }, clock);
  const failing = async (target: "pagerduty" | "alertmanager"): Promise<unknown> => {
    const error = await paging.raise(target, page).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof UpstreamError);
    return [error.retryable, error.message.replace(server.url, "")];
  };
  assert.deepEqual(
    [
      await failing("pagerduty"),
      await failing("pagerduty"),
      await failing("pagerduty"),
      await failing("alertmanager"),
    ],
    [
      [true, "POST /v2/enqueue: 503 busy"],
      [true, "POST /v2/enqueue: 429"],
      [false, "POST /v2/enqueue: 400 bad key"],
      [false, "ALERTMANAGER_URL is not set, so nobody can be called"],
    ],
  );
});
