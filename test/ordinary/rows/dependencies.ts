import assert from "node:assert/strict";
import { incidentId } from "../../../shared/incident/model.ts";
import { parseMatcher } from "../../../shared/policy/match.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import { alert, sha } from "../../support/incident.ts";
import { policy, service } from "../../support/world.ts";
import type { Sibling } from "./row.ts";

// The culprit is the deploy of a service that the alerting one depends on: the loop finds it, and its people are asked.

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 24, 12);
const commit = (letter: string, title: string, lines: string, ago: number): Commit => ({
  ...{ sha: sha(letter), parents: [sha("0")], title, message: title, author: "Ann", url: "" },
  ...{ at: now - ago, paths: [`src/${title.split(":")[0]}.js`], patch: lines },
});

export const dependencies: Sibling[] = (
  [
    ["fx", "rates of JPY are missing in checkout", "rates: leave out JPY", "-JPY: 1\n", 4],
    ["stock", "reservations are refused", "reservations: refuse below ten", "+if (left < 10) refuse();", 9],
    ["identity", "sessions end after a minute", "sessions: shorter lifetime", "-ttl: 3600\n+ttl: 60", 2],
  ] as const
).map(([other, summary, title, lines, deployedAgo]) => ({
  sibling: `a deploy of ${other}, on which checkout depends, is asked of its own people: “${title}”`,
  play: async (host) => {
    const own = [commit("a", "footer: new year", "-2025\n+2026", 30 * hour)];
    const theirs = [commit("c", title, lines, 2 * hour), commit("b", "docs: typo", "+x", 3 * hour)];
    const made = await host.world({
      configured: service({
        ...{ name: "checkout", repository: "acme/checkout", dependsOn: [other] },
        ...{ match: [parseMatcher('service="checkout"')!], policy: { ...policy, minConfidence: 0.5 } },
      }),
      others: [
        service({
          ...{ name: other, repository: `acme/${other}`, approvers: ["UBEN"], channel: "CBEN" },
          match: [parseMatcher(`service="${other}"`)!],
        }),
      ],
    });
    made.state.now = now;
    const of = (repository: string) => (repository === "acme/checkout" ? own : theirs);
    made.work.history.commits = async ({ repository }) => of(repository);
    made.work.history.shas = async ({ repository }) => of(repository).map((one) => one.sha);
    for (const [name, letter, ago] of [
      ["checkout", "a", 29 * hour],
      [other, "b", 50 * hour],
      [other, "c", deployedAgo * minute],
    ] as const)
      await made.store.recordDeploy({
        ...{ service: name, environment: "production", sha: sha(letter), status: "succeeded" },
        at: now - ago,
      });
    const id = incidentId("checkout", "production");
    const burning = alert({
      ...{ name: "CheckoutFails", annotations: { summary }, startsAt: now - minute },
      labels: { alertname: "CheckoutFails", service: "checkout" },
    });
    await made.process.handle(id, { type: "RecordAlerts", at: now, alerts: [burning], truncated: false });
    const waiting = await made.settle(id);
    assert.equal(waiting.status === "referred" && waiting.referral.to, incidentId(other, "production"));
    assert.equal("diagnosis" in waiting && waiting.diagnosis?.suspects[0]?.title, title);
    const asked = await made.settle(incidentId(other, "production"));
    assert.deepEqual(asked.status === "proposed" && [asked.message?.channel, asked.origins], ["CBEN", [id]]);
  },
}));
