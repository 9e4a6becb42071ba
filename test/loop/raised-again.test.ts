import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { rollback } from "../../functions/propose/rollback.ts";
import type { In, Revert } from "../../shared/incident/model.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { fightMs } from "../../shared/remedy/rollback/fight.ts";
import { files } from "../support/git.ts";
import { openShop } from "../support/github-shop.ts";
import { diagnosed, opened, past } from "../support/incident.ts";
import { service as configured } from "../support/world.ts";

const service = { ...configured(), repository: "acme/shop" };
const path = "prod/kustomization.yaml";
const images = (gateway: string, worker = "7") =>
  `images:\n  - name: acme/gateway\n    newTag: "${gateway}"\n  - name: acme/worker\n    newTag: "${worker}"\n`;
const ours = forIncident("Revert something", { id: "payments/production", round: 1 });
const renovate =
  "Update acme/gateway\n\nThis PR contains the following updates:\n\nSigned-off-by: renovate[bot]";

/** Rolls the last of the commits back; `laterMs` moves it away from those before it. */
const rolled = async (
  t: TestContext,
  { tags, messages, laterMs = 0 }: { tags: [string, string?][]; messages: string[]; laterMs?: number },
) => {
  const trees = tags.map((one) => files({ [path]: images(...one) }));
  const { source, shas } = await openShop(t, { trees, messages });
  const sha = shas.at(-1)!;
  const remedy: Revert = { kind: "revert", in: "gitops", sha, title: "Raise", score: 0.9 };
  const incident = past(opened(), diagnosed([remedy])) as In<"diagnosed">;
  const history = {
    ...source,
    async change(...[to, name]: Parameters<typeof source.change>) {
      const found = await source.change(to, name);
      return { ...found, commit: { ...found.commit, at: found.commit.at + laterMs } };
    },
  };
  const work = {
    ...{ history, trees: source, changes: source, pulls: source },
    ...{ serviceOf: () => service, pageOf: () => "http://countersteer.test/i" },
  };
  const intent = await rollback({ work: work as never, incident, service }, remedy);
  return { intent, shas };
};

test("a version that our rollback put back and that is raised again is told once, and not rolled back a second time", async (t) => {
  const { intent, shas } = await rolled(t, {
    tags: [["1"], ["2"], ["1"], ["2"]],
    messages: ["first", "Raise", ours, "Raise again"],
  });
  const [, , back, again] = shas.map((sha) => sha.slice(0, 12));
  assert.deepEqual(intent, {
    ...{ type: "Escalate", reason: "raised_again" },
    detail: `acme/gateway 2 was put back by ${back} and raised again by ann 1 s later (${again}): it is not rolled back a second time. First ask ann why, then revert ${again}`,
  });
});

test("the bot that raised it again is named with what holds it", async (t) => {
  const { intent } = await rolled(t, {
    tags: [["1"], ["2"], ["1"], ["1", "8"], ["2", "8"]],
    messages: [
      "first",
      "Raise",
      ours,
      "elsewhere",
      "Merge pull request #9 from acme/renovate/acme-gateway-2\n\nUpdate acme/gateway to 2",
    ],
  });
  assert.equal(intent.type, "Escalate");
  assert.match(
    intent.type === "Escalate" ? intent.detail : "",
    /raised again by Renovate 2 s later \(\w{12}\): it is not rolled back a second time\. First add acme\/gateway to its ignoreDeps, then revert \w{12}$/,
  );
});

for (const [name, given] of Object.entries({
  "to another version": { tags: [["1"], ["2"], ["1"], ["3"]], messages: ["a", "b", ours, renovate] },
  "of another image": { tags: [["1"], ["2"], ["1"], ["1", "8"]], messages: ["a", "b", ours, renovate] },
  "that people put back": { tags: [["1"], ["2"], ["1"], ["2"]], messages: ["a", "b", "Revert", renovate] },
  "a day later": {
    ...{ tags: [["1"], ["2"], ["1"], ["2"]], messages: ["a", "b", ours, renovate] },
    laterMs: fightMs,
  },
} satisfies Record<string, Parameters<typeof rolled>[1]>))
  test(`a bump ${name} is no fight: it is rolled back`, async (t) => {
    const { intent } = await rolled(t, given);
    assert.equal(intent.type, "RecordProposal");
  });
