import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Diagnosis, Remedy, Withdraw } from "../../shared/incident/model.ts";
import { withoutTried } from "../../shared/incident/remedies/tried.ts";
import {
  approve,
  approved,
  asked,
  deployed,
  diagnosed,
  escalated,
  given,
  merged,
  opened,
  past,
  proposed,
  pull,
  revertOf,
  sha,
  suspect,
} from "../support/incident.ts";

const detail = "PaymentErrorsHigh still fires 15 min after it went live";
const live = [opened(), diagnosed(), proposed(), asked(), approved(), merged(), deployed()];
const vain: Command = { type: "RecordIneffective", at: 2_000, round: 1, detail };
const ineffective: Event = { type: "RemedyIneffective", at: 2_000, detail, due: 2_100 };
const tried = {
  remedy: revertOf(),
  pull,
  merge: { sha: sha("f"), at: 70, by: "countersteer[bot]" },
  detail,
  commits: [sha("c")],
};
const back: Withdraw = {
  ...{ kind: "withdraw", of: revertOf(), merge: sha("f"), pull: 7, title: revertOf().title, score: 1 },
};
const second = revertOf({ sha: sha("b"), title: "read limits once", score: 0.6 });
const again = (remedies: Remedy[]): Event => ({
  ...{ type: "IncidentDiagnosed", at: 2_010, due: 2_110 },
  diagnosis: { suspects: [suspect({ sha: sha("b"), score: 0.6 })], none: 0.4, onsetAt: 10, remedies },
});
const backPull = { ...pull, number: 8, branch: "countersteer/withdraw-cccccccccccc-7", head: sha("8") };
const backProposed: Event = { type: "RemedyProposed", at: 2_020, remedy: back, pull: backPull, due: 3_020 };
const putBack = (remedies: Remedy[]) => [
  ...[...live, ineffective, again(remedies), backProposed],
  { ...approved(), at: 2_030, head: sha("8") } as Event,
  { ...merged(), at: 2_040, sha: sha("9") } as Event,
];
const backLive: Command = { type: "RecordDeploy", at: 2_050, round: 1, sha: sha("9") };

test("a live remedy that does not help is diagnosed again, and what was tried is remembered", () => {
  given(...live)
    .when(vain)
    .then(ineffective);
  const incident = past(...live, ineffective);
  assert.deepEqual(
    [incident.status, "tried" in incident && incident.tried, "pull" in incident, "merge" in incident],
    ["opened", [tried], false, false],
  );
  given(...live, ineffective)
    .when(vain)
    .then();
  given(opened(), diagnosed(), proposed()).when(vain).then();
});

test("what was learned: the tried change is cleared, the others are likelier, and putting it back comes first", () => {
  const diagnosis: Diagnosis = {
    ...{
      suspects: [suspect({ score: 0.5 }), suspect({ sha: sha("b"), score: 0.25 })],
      none: 0.25,
      onsetAt: 10,
    },
    remedies: [revertOf({ score: 0.5 }), { ...second, score: 0.25 }],
    notes: ["a note"],
  };
  const learned = withoutTried(diagnosis, [tried]);
  assert.deepEqual(learned.remedies, [back, { ...second, score: 0.5 }]);
  assert.deepEqual(
    [learned.suspects.map((one) => [one.sha[0], one.score]), learned.none],
    [[["b", 0.5]], 0.5],
  );
  assert.deepEqual(learned.notes, [
    `pull request #7 (“round amounts to minor units”) did not help: ${detail}`,
    "a note",
  ]);
  assert.deepEqual(withoutTried(diagnosis, []), diagnosis);
});

test("putting it back is always asked about, also in mode auto", () => {
  const propose: Command = {
    ...{ type: "RecordProposal", at: 2_020, round: 1, remedy: back, pull: backPull, guarded: false },
  };
  given(...live, ineffective, again([back, second]))
    .when(propose, { mode: "auto", autoConfidence: 0.1 })
    .then({ type: "RemedyProposed", at: 2_020, remedy: back, pull: backPull, due: 3_020 });
});

test("once it is put back and live, the next remedy is proposed, where one is likely enough", () => {
  const deployed = { type: "RemedyDeployed", at: 2_050, sha: sha("9"), due: 5_050 } as const;
  given(...putBack([back, second]))
    .when(backLive)
    .then(deployed, { type: "RemedyWithdrawn", at: 2_050, choice: 1, due: 2_150 });
  const next = past(...putBack([back, second]), deployed, {
    ...{ type: "RemedyWithdrawn", at: 2_050, choice: 1, due: 2_150 },
  });
  assert.deepEqual(
    [next.status, "taken" in next && next.taken, "remedy" in next, "merge" in next],
    ["diagnosed", [0, 1], false, false],
  );
  given(...putBack([back, { ...second, score: 0.2 }]))
    .when(backLive)
    .then(deployed, {
      ...{ type: "IncidentEscalated", at: 2_050, reason: "not_recovered", verdict: "still_firing" },
      detail: "the remedy did not help and is put back; no other change is likely enough to be taken back",
    });
});

test("after three remedies that did not help people are called instead of a fourth try", () => {
  const incident = [...live, ineffective, again([second])];
  const once: Event[] = [
    { ...proposed(), at: 2_020 },
    { ...merged(), at: 2_040 },
    { ...deployed(), at: 2_050 },
  ];
  const thrice = [...incident, ...once, { ...ineffective, at: 2_060 }, again([second]), ...once];
  given(...thrice)
    .when({ ...vain, at: 9_000 })
    .then({ type: "IncidentEscalated", at: 9_000, reason: "not_recovered", detail, verdict: "still_firing" });
});

test("the next remedy may be chosen before the first is put back, and an old incident knows of no tries", () => {
  given(...live, ineffective, again([back, second]), backProposed)
    .when({ ...{ type: "Choose", at: 2_025, round: 1, head: sha("8"), choice: 1, by: "ann" } })
    .thenStatus("diagnosed");
  given(...live)
    .when(approve("ann"))
    .then();
  given(...live, escalated())
    .when(vain)
    .then();
});
