import assert from "node:assert/strict";
import { test } from "node:test";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident, type Pull } from "../../shared/incident/model.ts";
import { readEvent, readIncident } from "../../shared/incident/stored.ts";
import { doors } from "../support/doors.ts";
import { earlierVersion, type Stored } from "../support/earlier.ts";
import { alert, id, sha } from "../support/incident.ts";
import { type World, world } from "../support/world.ts";

/** As a store gives it back. */
const asRead = ({ incident, log, version }: Stored): Stored => ({
  version,
  incident: readIncident(JSON.stringify(incident)),
  log: log.map((event) => readEvent(JSON.stringify(event))),
});
const versions = ([1, 2, 3] as const).map(earlierVersion);

/** Today's program, right after the last fact that the earlier version stored. */
const taken = async ({ incident, log }: Stored): Promise<World> => {
  const made = world();
  await made.store.append(id, 0, incident, log);
  made.state.now = Math.max(...log.map(({ at }) => at)) + 1;
  const { pull, merge } = incident as { pull?: Pull; merge?: { sha: string; by: string } };
  if (pull === undefined) return made;
  made.state.opened = 1;
  const state = merge === undefined ? { state: "open" as const } : { state: "merged" as const, by: merge.by };
  made.state.pulls.set(pull.branch, {
    ...{ pull, paths: ["src/fx.js"], ...state },
    ...(merge && { mergeSha: merge.sha }),
  });
  return made;
};

const ended = async (made: World): Promise<string> => {
  made.state.now += 10_000;
  await made.deploy();
  await made.settle();
  made.state.now += 10_000;
  const over = await made.settle();
  return over.status === "closed" ? over.outcome : over.status;
};
const firingAgain = async (made: World): Promise<string> => {
  made.state.now += 60_000;
  await made.alerts([
    alert({ status: "resolved", startsAt: 10_000, endsAt: made.state.now - 2_000 }),
    alert({ fingerprint: "f9", startsAt: made.state.now - 1_000 }),
  ]);
  return `${(await made.settle()).status} in round ${(await made.store.load(id)).incident.round}`;
};

/** Earlier versions noted neither the terms of a question nor the votes. */
const askedAnew = async (made: World): Promise<string> => {
  const again = await made.settle();
  assert.match(again.status === "proposed" ? (again.moved ?? "") : again.status, /^an older version/);
  await made.approve();
  await made.settle();
  return ended(made);
};

const goingOn: Record<string, [expected: string, (made: World) => Promise<string>]> = {
  opened: [
    "verified",
    async (made) => {
      await made.settle();
      await made.approve();
      await made.settle();
      return ended(made);
    },
  ],
  proposed: ["verified", askedAnew],
  approved: ["verified", askedAnew],
  merged: ["verified", ended],
  deployed: ["verified", ended],
  unanswered: [
    "verified",
    async (made) => {
      const [pull] = made.state.pulls.values();
      assert.ok(pull !== undefined);
      made.state.pulls.set(pull.pull.branch, { ...pull, state: "merged", mergeSha: sha("f"), by: "bea" });
      await made.settle();
      return ended(made);
    },
  ],
  rejected: ["proposed in round 2", firingAgain],
  verified: ["escalated in round 2", firingAgain],
  "second round": ["proposed in round 3", firingAgain],
};

for (const { version, incidents } of versions)
  for (const [point, [expected, goOn]] of Object.entries(goingOn)) {
    const raw = incidents[point];
    test(`an incident that ${version} stored (${point}) is read as it was, and goes on`, async () => {
      assert.ok(raw !== undefined);
      const stored = asRead(raw);
      const read = stored.log.reduce(evolve, emptyIncident(id) as Incident);
      assert.deepEqual([read.status, read.round], [stored.incident.status, stored.incident.round]);
      const made = await taken(stored);
      for (const accept of ["text/html", "application/json"]) {
        const page = await doors(made).app.request(`/incidents/${id}`, { headers: { accept } });
        assert.equal(page.status, 200);
      }
      assert.equal(await goOn(made), expected);
    });
  }
