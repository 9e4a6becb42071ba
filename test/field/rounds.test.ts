import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { id, resolved } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

const hour = 3_600_000;

test("earlier rounds are kept, and linked on the page and in JSON", async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  made.state.now = hour;
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: hour })]);
  await made.settle();
  made.state.now = 3 * hour;
  await made.alerts([{ ...burning, startsAt: 3 * hour }]);
  await made.settle();
  const at = doors(made);
  const json = await at.app.request(`/incidents/${id}`, { headers: { accept: "application/json" } });
  const { round, rounds } = (await json.json()) as { round: number; rounds: Record<string, unknown>[] };
  assert.equal(round, 2);
  assert.deepEqual(
    rounds.map((one) => [one.round, one.outcome, one.endedAt, one.pull]),
    [
      [
        1,
        "recovered",
        "1970-01-01T01:00:00.000Z",
        { number: 1, url: "http://github.test/acme/payments/pull/1" },
      ],
    ],
  );
  const page = await (await at.app.request(`/incidents/${id}`)).text();
  assert.match(
    page,
    /Earlier rounds.*Round 1.*recovered.*<a href="http:\/\/github\.test\/acme\/payments\/pull\/1"/s,
  );
});
