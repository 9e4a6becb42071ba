import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { revert } from "../../functions/propose/revert.ts";
import type { In, Revert } from "../../shared/incident/model.ts";
import type { ClassPolicy } from "../../shared/policy/change-classes.ts";
import type { Proposal } from "../../shared/ports/pulls.ts";
import { files } from "../support/git.ts";
import { openShop } from "../support/github-shop.ts";
import { diagnosed, opened, past } from "../support/incident.ts";
import { service as configured, policy } from "../support/world.ts";

const route = (weight: number) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
spec:
  http:
    - route:
        - destination:
            host: shop
            subset: v1
          # the rest goes to v2
          weight: ${weight}
`;

/** Proposes the revert of a change of a route's weight, under a policy about classes. */
const proposed = async (t: TestContext, classes?: ClassPolicy) => {
  const shop = await openShop(t, {
    trees: [
      files({ "shop.yaml": route(90), "a.js": "1\n" }),
      files({ "shop.yaml": route(0), "a.js": "2\n" }),
    ],
  });
  const remedy: Revert = { kind: "revert", sha: shop.shas[1]!, title: "Change 1", score: 0.9 };
  const service = configured({ repository: "acme/shop", policy: { ...policy, ...(classes && { classes }) } });
  const opening: Proposal[] = [];
  const openPull: typeof shop.source.openPull = (place, proposal) => {
    opening.push(proposal);
    return shop.source.openPull(place, proposal);
  };
  const work = {
    history: shop.source,
    trees: shop.source,
    pulls: { ...shop.source, openPull },
    serviceOf: () => service,
    pageOf: () => "http://countersteer.test/i",
  };
  const incident = past(opened(), diagnosed([remedy])) as In<"diagnosed">;
  return { opening, intent: await revert({ work: work as never, incident, service }, remedy) };
};

test("the class of a change is a label of its pull request and a line of the question", async (t) => {
  const { opening, intent } = await proposed(t);
  assert.deepEqual(
    opening.map(({ labels }) => labels),
    [["countersteer", "revert", "class/traffic"]],
  );
  assert.match(String(opening[0]?.body), /- kind of change: traffic/);
  assert.ok(intent.type === "RecordProposal" && intent.remedy.kind === "revert");
  assert.deepEqual([intent.remedy.notes, intent.guarded], [["kind of change: traffic"], false]);
});

test("a class that the policy guards is asked about, and one that it leaves to people is not proposed", async (t) => {
  const { intent } = await proposed(t, { traffic: "approve", runtime: "person" });
  assert.ok(intent.type === "RecordProposal");
  assert.deepEqual([intent.guarded, intent.look], [true, ["policy.classes has traffic: approve"]]);
  const left = await proposed(t, { traffic: "person" });
  assert.deepEqual(left.opening, []);
  assert.deepEqual(left.intent, {
    ...{ type: "Escalate", reason: "limited" },
    detail:
      'policy.classes has traffic: person, so “Revert "Change 1"” is not proposed; `cli revert` opens the pull request by hand',
  });
});
