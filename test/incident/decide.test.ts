import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../shared/incident/commands.ts";
import { decide } from "../../shared/incident/decide.ts";
import type { Event } from "../../shared/incident/events.ts";
import {
  alert,
  approve,
  deployed,
  diagnose,
  diagnosed,
  escalated,
  given,
  merged,
  message,
  notify,
  opened,
  past,
  policy,
  propose,
  proposed,
  pull,
  reject,
  resolved,
  revertOf,
  sha,
  suspect,
  verified,
} from "../support/incident.ts";
import { untilApproved, untilProposed } from "./until.ts";

const untilMerged = [...untilApproved, merged()];

const untilDeployed = [...untilMerged, deployed()];

test("a firing alert opens the incident, and the trouble began when the alert says", () => {
  given()
    .when(notify([alert()]))
    .then(opened());
});

test("a start time of year 1 or in the future is kept within the day before it arrived", () => {
  const day = 86_400_000;
  given()
    .when(notify([alert({ startsAt: -62_135_596_800_000 })], { at: day * 3 }))
    .thenIncident((incident) => {
      assert.equal("onsetAt" in incident && incident.onsetAt, day * 2);
    });
  given()
    .when(notify([alert({ startsAt: 253_402_300_799_000 })], { at: 20 }))
    .thenIncident((incident) => {
      assert.equal("onsetAt" in incident && incident.onsetAt, 20);
    });
});

test("a repeated notification changes nothing", () => {
  given(opened())
    .when(notify([alert()]))
    .then();
});

test("the same alert from a second Alertmanager changes nothing after the incident has ended", () => {
  given(...untilDeployed, verified())
    .when(notify([alert()]))
    .then();
});

test("another alert of the service joins the incident that is open", () => {
  const other = alert({ fingerprint: "f2", startsAt: 15 });
  given(opened())
    .when(notify([alert(), other]))
    .then({ type: "AlertsJoined", at: 20, alerts: [other], truncated: false });
});

test("an alert that resolved before it was seen to fire is remembered and opens nothing", () => {
  given()
    .when(notify([resolved()]))
    .then({ type: "AlertsResolved", at: 20, alerts: [resolved()], truncated: false });
  given({ type: "AlertsResolved", at: 20, alerts: [resolved()], truncated: false })
    .when(notify([alert()]))
    .then();
});

test("an alert that fires again after the incident was closed opens the next round", () => {
  const again = alert({ startsAt: 200 });
  given(...untilDeployed, verified())
    .when(notify([again], { at: 210 }))
    .then(opened({ at: 210, round: 2, alerts: [again], onsetAt: 200, due: 310 }));
});

test("an alert that has fired since an earlier round is part of the next one, too, whose trouble began with the new alert", () => {
  const other = alert({ fingerprint: "f2", startsAt: 200 });
  given(opened(), escalated())
    .when(notify([alert(), other], { at: 210 }))
    .then(opened({ at: 210, round: 2, alerts: [alert(), other], onsetAt: 200, due: 310 }));
});

test("a firing that is older than the one known is stale", () => {
  given(opened({ alerts: [alert({ startsAt: 100 })] }))
    .when(notify([alert({ startsAt: 10 })]))
    .then();
});

test("a firing group with a resolved member resolves only that member", () => {
  const other = alert({ fingerprint: "f2" });
  given(opened({ alerts: [alert(), other] }))
    .when(notify([resolved(), other]))
    .then({ type: "AlertsResolved", at: 20, alerts: [resolved()], truncated: false });
});

test("when every alert resolves before anything is approved, the incident has recovered by itself", () => {
  given(...untilProposed)
    .when(notify([resolved()], { at: 55 }))
    .thenIncident((incident) => assert.equal(incident.status === "closed" && incident.outcome, "recovered"));
});

test("a truncated notification never ends an incident", () => {
  given(opened())
    .when(notify([resolved()], { truncated: true }))
    .thenStatus("opened");
  given(opened({ truncated: true }))
    .when(notify([resolved()]))
    .thenStatus("opened");
});

test("resolved alerts do not stop a revert that is approved, merged or live", () => {
  given(...untilApproved)
    .when(notify([resolved()]))
    .thenStatus("approved");
  given(...untilMerged)
    .when(notify([resolved()]))
    .thenStatus("merged");
  given(...untilDeployed)
    .when(notify([resolved()]))
    .thenStatus("deployed");
});

test("in observe mode the diagnosis is told and nothing is touched", () => {
  given(opened())
    .when(diagnose(), { mode: "observe" })
    .then(diagnosed(), { type: "IncidentClosed", at: 30, outcome: "observed", verdict: "still_firing" });
});

test("a diagnosis below the policy's confidence is for people", () => {
  given(opened())
    .when(diagnose({ score: 0.4 }))
    .thenIncident((incident) => {
      assert.equal(incident.status === "escalated" && incident.reason, "low_confidence");
      assert.equal(
        incident.status === "escalated" && incident.detail,
        "the likeliest remedy has 40 %, the policy asks for 50 %",
      );
    });
});

test("a diagnosis without suspects is for people", () => {
  given(opened())
    .when({
      type: "RecordDiagnosis",
      at: 30,
      round: 1,
      diagnosis: { suspects: [], none: 1, onsetAt: 10, remedies: [] },
    })
    .thenIncident((incident) =>
      assert.equal(incident.status === "escalated" && incident.reason, "no_suspect"),
    );
});

test("a proposal waits for people", () => {
  given(opened(), diagnosed()).when(propose()).then(proposed());
});

test("in auto mode a confident proposal is approved by the policy", () => {
  given(opened(), diagnosed()).when(propose(), { mode: "auto" }).then(proposed(), {
    type: "RemedyApproved",
    at: 40,
    by: "policy:auto",
    head: pull.head,
    diff: pull.diff,
    due: 140,
  });
});

test("in auto mode a guarded proposal waits for people", () => {
  given(opened(), diagnosed()).when(propose(true), { mode: "auto" }).then(proposed());
});

test("in mode auto a remedy below autoConfidence, and all that a deploy brought, are asked about", () => {
  given(opened(), diagnosed()).when(propose(), { mode: "auto", autoConfidence: 0.91 }).then(proposed());
  const remedy = revertOf({ from: sha("a"), score: 0.99 });
  given(opened(), diagnosed([remedy]))
    .when({ ...propose(), remedy } as Command, { mode: "auto" })
    .then({ ...proposed(), remedy } as Event);
});

test("when another service's change is likely, nothing is escalated: its people are asked; an unlikely one is told", () => {
  const of = { service: "fx", repository: "acme/fx", approvers: ["U0FX"] };
  const command = diagnose({ of }) as Extract<Command, { type: "RecordDiagnosis" }>;
  const diagnosis = { ...command.diagnosis, remedies: [] };
  given(opened())
    .when({ ...command, diagnosis })
    .then({ type: "IncidentDiagnosed", at: 30, diagnosis, due: 130 });
  given(opened())
    .when({ ...command, diagnosis }, { minConfidence: 0.95 })
    .then(
      { type: "IncidentDiagnosed", at: 30, diagnosis, due: 130 },
      {
        ...{ type: "IncidentEscalated", at: 30, reason: "elsewhere", verdict: "still_firing" },
        detail:
          "the likeliest change, cccccccccccc “round amounts to minor units” (90 %), is fx's, in acme/fx: its approvers (U0FX) decide about it",
      },
    );
});

test("a rejection closes the incident with its reason", () => {
  given(...untilProposed)
    .when(reject("ben", "it is the upstream"))
    .then({
      type: "IncidentClosed",
      at: 60,
      outcome: "rejected",
      detail: "it is the upstream",
      by: "ben",
      verdict: "still_firing",
    });
});

test("when the pull request moves, what was approved no longer counts and people are asked again", () => {
  const moved = { ...pull, head: sha("9") };
  given(...untilApproved)
    .when({ type: "RecordMove", at: 65, round: 1, detail: "new commits", pull: moved })
    .thenIncident((incident) => {
      assert.equal(incident.status, "proposed");
      assert.equal("approval" in incident, false);
      assert.equal(incident.status === "proposed" && incident.asked, false);
      assert.equal(incident.status === "proposed" && incident.pull.head, sha("9"));
    });
});

test("a move that two see at the same time asks again once, and the next one asks again", () => {
  const move = { type: "RecordMove", at: 65, round: 1, detail: "new commits" } as const;
  const voided: Event = { type: "ApprovalVoided", at: 65, detail: "new commits", pull, due: 1065 };
  given(...untilApproved, voided)
    .when({ ...move, pull })
    .then();
  const pushed = { ...pull, head: sha("9") };
  given(...untilApproved, voided)
    .when({ ...move, pull: pushed })
    .thenIncident((incident) => assert.equal("pull" in incident && incident.pull?.head, sha("9")));
});

test("people's own fix that is not live in time is not called a merged change", () => {
  const fix = { kind: "rollback", at: 60, detail: "rolled back", takesBack: sha("c") } as const;
  const gone: Event = { type: "FixNotLive", at: 70, sha: sha("7"), detail: "it runs again", due: 80 };
  given(...untilProposed, { type: "FixFound", at: 60, fix, due: 90 }, gone)
    .when({ type: "Expire", at: 80 })
    .then({
      ...{ type: "IncidentEscalated", at: 80, reason: "overdue", verdict: "fix_not_live" },
      detail: "what people did was not live again in time; it runs again",
    });
});

test("a pull request merged by hand is watched like one that was approved here", () => {
  given(...untilProposed)
    .when({ type: "RecordMerge", at: 70, round: 1, pull: pull.number, sha: sha("f"), by: "ben" })
    .thenStatus("merged");
});

test("the deploy and the recovery end the loop", () => {
  given(...untilMerged)
    .when({ type: "RecordDeploy", at: 80, round: 1, sha: sha("f") })
    .then(deployed());
  given(...untilDeployed)
    .when({ type: "RecordRecovery", at: 90, round: 1, detail: "quiet" })
    .then(verified());
});

test("silence in any active status becomes an escalation, exactly at its due time", () => {
  const pasts = [
    [opened()],
    [opened(), diagnosed()],
    untilProposed,
    untilApproved,
    untilMerged,
    untilDeployed,
  ];
  const dues = [120, 130, 1040, 160, 2070, 3080];
  for (const [index, events] of pasts.entries()) {
    given(...events)
      .when({ type: "Expire", at: dues[index]! - 1 })
      .then();
    given(...events)
      .when({ type: "Expire", at: dues[index]! })
      .thenStatus("escalated");
  }
});

test("an escalation by silence says what it was waiting for", () => {
  given(...untilDeployed, { type: "StepDelayed", at: 85, step: "verify", detail: "no data" })
    .when({ type: "Expire", at: 3080 })
    .then({
      type: "IncidentEscalated",
      at: 3080,
      reason: "not_recovered",
      detail: "the trouble was not seen to be over in time; no data",
      verdict: "still_firing",
    });
});

test("the same delay is told once, and the next fact clears it", () => {
  const delay = { type: "Delay", at: 25, round: 1, step: "diagnose", detail: "GitHub is down" } as const;
  given(opened())
    .when(delay)
    .then({ type: "StepDelayed", at: 25, step: "diagnose", detail: "GitHub is down" });
  given(opened(), { type: "StepDelayed", at: 25, step: "diagnose", detail: "GitHub is down" })
    .when(delay)
    .then();
  given(opened(), { type: "StepDelayed", at: 25, step: "diagnose", detail: "GitHub is down" })
    .when(diagnose())
    .thenIncident((incident) => assert.equal("delay" in incident, false));
});

test("an ended incident stays ended, whatever a step still wants", () => {
  for (const end of [verified(), escalated()]) {
    for (const command of [
      diagnose(),
      propose(),
      approve("ann"),
      { type: "RecordMessage", at: 95, round: 2, message } as const,
    ])
      given(...untilDeployed, end)
        .when(command)
        .then();
  }
});

test("what a step wants from an earlier round changes nothing", () => {
  given(...untilDeployed, verified(), opened({ at: 210, round: 2 }))
    .when(diagnose())
    .then();
});

test("a suspect keeps its reasons through the incident", () => {
  given(opened())
    .when(diagnose())
    .thenIncident((incident) => {
      assert.deepEqual(incident.status === "diagnosed" && incident.diagnosis.suspects, [suspect()]);
    });
});

test("an incident remembers so many alerts one by one and knows that there are more; their repeats change nothing", () => {
  const crowd = Array.from({ length: 150 }, (_, index) =>
    alert({ fingerprint: `f${index}`, startsAt: index }),
  );
  given(opened())
    .when(notify(crowd))
    .thenIncident((incident) => {
      assert.equal(incident.alerts.length, 100);
      assert.equal(incident.status === "opened" && incident.truncated, true);
      assert.deepEqual(decide(incident, notify(crowd), policy), []);
    });
});

test("an end by people, or an early escalation, tells what is known about recovery", () => {
  const withdraw = { type: "Withdraw", at: 60, round: 1, pull: pull.number, detail: "closed" } as const;
  const escalate = { type: "Escalate", at: 60, round: 1, reason: "refused", detail: "no token" } as const;
  const gone: Event = {
    ...{ type: "StepDelayed", at: 50, step: "propose", detail: "its series are gone" },
    verdict: "telemetry_gone",
  };
  const quiet: Event = { type: "AlertsResolved", at: 50, alerts: [resolved()], truncated: false };
  const finding = (history: Event[], command: Command) => {
    const [end] = decide(past(...history), command, policy).slice(-1);
    return end !== undefined && "verdict" in end ? end.verdict : undefined;
  };
  assert.deepEqual(
    [
      finding(untilProposed, reject("ben", "no")),
      finding(untilProposed, withdraw),
      finding([opened()], escalate),
      finding(untilMerged, escalate),
      finding([...untilProposed, quiet, gone], reject("ben", "no")),
      finding([...untilProposed, quiet], reject("ben", "no")),
    ],
    ["still_firing", "still_firing", "still_firing", "fix_not_live", "telemetry_gone", undefined],
  );
});
