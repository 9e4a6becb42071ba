import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, service, world } from "../support/world.ts";

const json = { accept: "application/json" };

test("the report's page and its JSON tell of the incidents that the reader may see", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  const at = doors(made, { access: { isOpen: true, tokens: [] } });
  const empty = await (await doors(world()).app.request("/report")).text();
  assert.match(empty, /<p>None\. <a href="\/left-alone">/);
  const question = { incident: id, round: 1, head: sha("d"), nonce: "nonce" };
  await at.interact(click("approve", "UANN", question));
  const report = (await (await at.app.request("/report?since=7d", { headers: json })).json()) as {
    all: { rounds: number; open: number; approved: number };
    asked: { count: number }[];
    approvedBy: object[];
    left: number;
  };
  const { rounds, open, approved } = report.all;
  assert.deepEqual([rounds, open, approved, report.left], [1, 1, 1, 0]);
  assert.deepEqual(report.approvedBy, [{ name: "uann (UANN)", count: 1 }]);
  assert.equal(report.asked.length, 1);
  const wrong = await at.app.request("/report?since=1y", { headers: json });
  assert.deepEqual(
    [wrong.status, await wrong.json()],
    [400, { error: "since is one of 7d, 30d, 90d, not “1y”" }],
  );
  const page = await (await at.app.request("/report")).text();
  assert.match(page, /<b>1 incident<\/b>, 1 open/);
  assert.match(page, /<h2>Who was asked<\/h2>/);
  assert.match(page, /<p>No incident has ended yet\.<\/p>/);
  assert.doesNotMatch(page, /How they ended|\(UANN\)/);
  const draft = await at.app.request(`/incidents/${id}?postmortem`);
  assert.equal(draft.headers.get("content-type"), "text/markdown; charset=utf-8");
  assert.match(await draft.text(), /^# payment-gateway in production: /);
  const others = doors(made, {
    access: { isOpen: false, tokens: [], proxy: { header: "X-User", isPeer: () => true } },
    services: [service({ visibleTo: ["team"] })],
  });
  const hidden = await others.app.request("/report", { headers: { ...json, "x-user": "eve" } });
  assert.equal(((await hidden.json()) as typeof report).all.rounds, 0);
});
