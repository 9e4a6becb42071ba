import assert from "node:assert/strict";
import { test } from "node:test";
import { promotedAgain } from "../../../functions/promoted-again.ts";
import type { Work } from "../../../functions/step.ts";
import type { In } from "../../../shared/incident/model.ts";
import { files } from "../../support/git.ts";
import { openShop, service } from "../../support/github-shop.ts";

const helmfile = (version: string) => `releases:\n- chart: dev/gateway\n  version: ${version}\n`;
const tree = (version: string, { pay = "bad\n", staging = "0.0.43" } = {}) =>
  files({ "jx/production.yaml": helmfile(version), "jx/staging.yaml": helmfile(staging), "src/pay.ts": pay });

test("on GitHub, an open promotion to the same file is judged by its version's tag, and one of another environment is not looked at", async (t) => {
  const trees = [tree("0.0.42", { pay: "good\n" }), tree("0.0.42"), tree("0.0.43"), tree("0.0.42")];
  const { sandbox, source, shas, git, push } = await openShop(t, { trees });
  const [, culprit = "", bump = "", rollback = ""] = shas;
  git("tag", "v0.0.44", rollback);
  const changed = { staging: tree("0.0.42", { staging: "0.0.44" }), production: tree("0.0.44") };
  for (const [environment, files] of Object.entries(changed)) {
    git("branch", `promote-${environment}`, rollback);
    push(files, `promote-${environment}`);
    await fetch(`${sandbox.github}/repos/acme/shop/pulls`, {
      method: "POST",
      headers: { authorization: `token ${sandbox.token}` },
      body: JSON.stringify({
        ...{ head: `promote-${environment}`, base: "main" },
        title: "chore: promote gateway to version 0.0.44",
      }),
    });
  }
  const environment = { repository: service.repository, branch: "main", paths: [] };
  const configured = { ...service, gitops: [environment] };
  const work = { history: source, changes: source, serviceOf: () => configured } as unknown as Work;
  const remedy = {
    ...{
      kind: "revert",
      in: "gitops",
      sha: bump,
      title: "chore: promote gateway to version 0.0.43",
      score: 1,
    },
    behind: { sha: culprit, title: "Change 1" },
  };
  const pull = { number: 1, baseSha: bump, head: rollback };
  const merge = { sha: rollback, at: 1, by: "ann" };
  const incident = { service: "payments", remedy, pull, merge } as unknown as In<"merged">;
  const found = await promotedAgain(work, incident);
  assert.ok(found?.type === "RecordPromotion");
  assert.match(found.detail, new RegExp(`: 0\\.0\\.44 holds ${culprit.slice(0, 12)} “Change 1”\\. Hold it`));
  assert.equal(await promotedAgain(work, { ...incident, returning: [found.number] }), undefined);
});
