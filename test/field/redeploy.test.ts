import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { warnOfReturn } from "../../functions/announce/returned.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import type { Changes } from "../../shared/ports/changes.ts";
import { id, opened, sha } from "../support/incident.ts";
import { localHost } from "../support/loop-hosts.ts";
import { world } from "../support/world.ts";
import { redeploys } from "./redeploys.ts";

const host = localHost();
afterEach(() => host.close());
after(host.stop);

for (const { name, given, play } of redeploys) {
  test(name, async () => play(world(given)));
  test(`on one machine, ${name}`, async () => play(await host.world(given)));
}

const nothing = async () => undefined;
/** Changes of which only the merged pull requests are known. */
const merged = (mergeSha: string): Changes => ({
  ...{ compare: nothing, ancestors: nothing, touching: async () => new Set(), branchesAt: async () => [] },
  withFiles: async (_, change) => change,
  openPulls: async () => [],
  mergedPulls: async () => [
    { number: 9, title: "More", url: "u", labels: [], body: "", author: "Ben", mergeSha, mergedAt: 1 },
  ],
});

test("the pull request whose merge brings the culprit back is warned, and no other", async () => {
  const told = "aaaaaaaaaaaa was deployed, and holds the culprit";
  const past: Event[] = [opened(), { type: "CulpritReturned", at: 70, sha: sha("a"), detail: told }];
  const incident = past.reduce<Incident>(evolve, emptyIncident(id));
  assert.ok(incident.status !== "none");
  for (const [mergeSha, expected] of [
    [sha("a"), 1],
    [sha("9"), 0],
  ] as const) {
    const { work, state } = world();
    work.changes = merged(mergeSha);
    await warnOfReturn(work, incident, past);
    assert.equal(
      [...state.comments.values()].filter((text) => text.includes("holds the culprit")).length,
      expected,
    );
  }
});
