import assert from "node:assert/strict";
import { test } from "node:test";
import { readLog, readPatch } from "../../infra/cli/diagnosis/log.ts";
import { buildRepository, culpritOf, land } from "../../infra/demo/repository.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { alert } from "../support/incident.ts";
import { scratch } from "../support/scratch.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

test("the demo's culprit is found for what it changes, though it is not the newest of the seven of its release", async (t) => {
  const repository = await buildRepository({ path: await scratch(t), now });
  const release = await land(repository, "release", now);
  const culprit = culpritOf(release);
  const onsetAt = now + 90_000;
  const commits = await Promise.all(
    (await readLog(repository.clone, { since: onsetAt - 7 * 24 * 3_600_000, until: onsetAt, limit: 30 })).map(
      async (commit) => ({ ...commit, patch: await readPatch(repository.clone, commit.sha) }),
    ),
  );
  const deploy = (sha: string, at: number) => ({
    service: "payment-gateway",
    environment: "production",
    sha,
    status: "succeeded" as const,
    at,
  });
  const diagnosis = rank({
    service: "payment-gateway",
    alerts: [
      alert({
        labels: { service: "payment-gateway", currency: "JPY", severity: "critical" },
        annotations: {
          summary: "100% of the JPY payments fail",
          description:
            "100% of the JPY payments at payment-gateway end in a 5xx. One currency alone points at its conversion, all of them at the acquirer.",
        },
        startsAt: onsetAt,
      }),
    ],
    onsetAt,
    commits,
    history: commits.map(({ sha }) => sha),
    deploys: [deploy(release.before, repository.beforeAt), deploy(release.head, now + 30_000)],
  });
  const [first] = diagnosis.suspects;
  assert.notEqual(commits[0]!.sha, culprit);
  assert.equal(first!.sha, culprit);
  assert.ok(first!.score >= 0.5, String(first!.score));
  assert.match(first!.reasons.join("\n"), /“jpy”/);
  assert.match(first!.reasons.join("\n"), /60 s before the trouble began, together with 4 other changes/);
});
