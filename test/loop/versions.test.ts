import assert from "node:assert/strict";
import { test } from "node:test";
import type { Metrics } from "../../shared/ports/metrics.ts";
import { doors } from "../support/doors.ts";
import { alert, id, sha } from "../support/incident.ts";
import { culprit, service, world } from "../support/world.ts";

const minute = 60_000;
const begun = Date.parse("2026-11-22T12:03:40Z");
const startsAt = begun + 5 * minute;
const deployedAt = begun - 3 * minute;
const points = (value: (at: number) => number, first = begun - 60 * minute): [number, number][] =>
  Array.from({ length: (startsAt - first) / 20_000 + 1 }, (_, n) => {
    const at = first + n * 20_000;
    return [at, value(at)];
  });
const calm = () => 0.001;
const broken = (at: number) => (at < begun ? 0.001 : 0.073);
const metric = "PaymentErrorsHigh's ratio";
const former = { metric, version: "1.41.3", points: points(calm) };
const fresh = { metric, version: "1.42.0", points: points(broken, deployedAt) };

/** A change deployed as version 1.42.0, another one before it, an alert, and what Prometheus says. */
const told = async (course: Awaited<ReturnType<Metrics["course"]>>, traffic?: [number, number][]) => {
  const made = world({
    configured: service({ versionLabel: "version", ...(traffic && { traffic: "rps" }) }),
  });
  const at = (letter: string, at: number) => ({ ...culprit, sha: sha(letter), at });
  made.state.now = startsAt + minute;
  made.state.commits = [
    at("c", deployedAt - minute),
    at("b", begun - 600 * minute),
    at("a", begun - 900 * minute),
  ];
  made.state.course = course;
  if (traffic !== undefined) made.work.metrics.values = async () => ({ points: traffic });
  const door = doors(made);
  for (const [letter, ran, version] of [
    ["a", begun - 899 * minute, "1.41.2"],
    ["b", begun - 599 * minute, "1.41.3"],
    ["c", deployedAt, "1.42.0"],
  ] as const) {
    const body = { service: "payment-gateway", environment: "production", sha: sha(letter), version };
    assert.equal((await door.deployed({ ...body, at: new Date(ran).toISOString() })).status, 202);
  }
  await made.alerts([alert({ startsAt, annotations: { summary: "payments fail" } })]);
  await made.settle();
  const page = await (await door.app.request(`/incidents/${id}`)).text();
  const slack = JSON.stringify([[...made.state.messages.values()], [...made.state.replies]]);
  return {
    page: page
      .replaceAll("&#39;", "'")
      .replaceAll("\u00a0", " ")
      .replace(/<\/?time[^>]*>/g, ""),
    slack,
    pull: made.state.proposals.map(({ body }) => body).join("\n"),
  };
};

test("that only the new version is bad is told alike in Slack, on the page and on the pull request", async () => {
  const found = await told({
    forMs: 0,
    series: [{ metric, points: points(broken) }],
    versions: [former, fresh],
  });
  const said = "ratio of version 1.42.0 7.3 %, of version 1.41.3 beside it 0.1 %";
  for (const [where, text] of Object.entries(found)) assert.ok(text.includes(said), `${where}: ${text}`);
});

test("load that rose is told in Slack and on the page with its numbers", async () => {
  const course = { forMs: 0, series: [{ metric, points: points(broken) }] };
  const { slack, page } = await told(
    course,
    points((at) => (at < begun ? 120 : 410)),
  );
  for (const text of [slack, page])
    assert.ok(text.includes("traffic of payment-gateway 120 → 410 at 12:03:40: more came in"), text);
});
