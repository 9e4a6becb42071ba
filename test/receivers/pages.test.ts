import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { sha } from "../support/incident.ts";
import { burning, culprit, world } from "../support/world.ts";

const address = "/incidents/payment-gateway/production";
const asked = async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return doors(made);
};

test("an incident as JSON has everything others build on", async () => {
  const { app } = await asked();
  const response = await app.request(address, { headers: { accept: "application/json" } });
  const incident = (await response.json()) as Record<string, unknown>;
  assert.deepEqual(
    [incident.service, incident.environment, incident.status, incident.round],
    ["payment-gateway", "production", "proposed", 1],
  );
  const { number, url, head } = incident.pull as { number: number; url: string; head: string };
  assert.deepEqual({ number, url, head }, { number: 1, url: "http://github.test/pull/1", head: sha("d") });
  const [suspect] = incident.suspects as { sha: string; score: number; reasons: string[] }[];
  assert.equal(suspect?.sha, culprit.sha);
  const { sha: of, title } = culprit;
  assert.deepEqual(incident.remedy, { kind: "revert", sha: of, title, score: suspect!.score });
  assert.deepEqual(incident.remedies, [incident.remedy]);
  assert.ok(suspect!.reasons.length >= 2);
  assert.deepEqual(
    (incident.timeline as { type: string; at: string }[]).map(({ type }) => type),
    ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"],
  );
});

test("the list's address with a slash at its end leads to the list", async () => {
  const { app } = await asked();
  const response = await app.request("/incidents/");
  assert.deepEqual([response.status, response.headers.get("location")], [302, "/incidents"]);
});

test("the page shows text from outside as text", async () => {
  const made = world();
  made.state.commits = [{ ...culprit, title: "<script>alert(1)</script>", url: "javascript:alert(1)" }];
  await made.alerts([{ ...burning, annotations: { summary: "<img src=x onerror=alert(1)>" } }]);
  await made.settle();
  const page = await (await doors(made).app.request(address)).text();
  assert.equal(/<script|<img|href="javascript/.test(page), false);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
});

test("pages allow no script and no frame", async () => {
  const { app } = await asked();
  const policy = (await app.request(address)).headers.get("content-security-policy");
  assert.match(policy ?? "", /default-src 'none'.*frame-ancestors 'none'/);
});

test("an incident that never was is 404, as a page and as JSON", async () => {
  const { app } = doors();
  assert.equal((await app.request("/incidents/a/b")).status, 404);
  const json = await app.request("/incidents/a/b", { headers: { accept: "application/json" } });
  assert.deepEqual([json.status, await json.json()], [404, { error: "there was never an incident of a/b" }]);
});

test("the list names every incident", async () => {
  const { app } = await asked();
  assert.match(await (await app.request("/incidents")).text(), /payment-gateway<\/b>/);
});
