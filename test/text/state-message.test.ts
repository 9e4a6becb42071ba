import assert from "node:assert/strict";
import { test } from "node:test";
import { viewContent } from "../../shared/adapters/slack/blocks.ts";
import type { Diagnosis, Started } from "../../shared/incident/model.ts";
import { view } from "../../shared/text/chat-message.ts";
import { linesOf } from "../../shared/text/spans.ts";
import { alert, pull, revertOf, sha, suspect } from "../support/incident.ts";
import { stateOf as stateAs } from "../support/states.ts";

const noon = Date.UTC(2026, 10, 28, 12);
const reasons = ["one", "two", "three", "four", "five"];
const diagnosis: Diagnosis = {
  none: 0.1,
  onsetAt: 1,
  remedies: [],
  suspects: [
    suspect({ reasons, kinds: ["text", "measured", "text", "measured", "text"] }),
    suspect({ sha: sha("d"), title: "pay: logo", score: 0.05 }),
  ],
  notes: ["no logs are connected"],
};

const stateOf = (over: object): string[] =>
  view(
    {
      ...{ id: "shop/production", service: "shop", environment: "production", round: 1 },
      ...{ alerts: [alert()], due: noon, diagnosis, ...over },
    } as unknown as Started,
    "http://countersteer.test",
  ).lines.map(({ label, text }) => [label, text].filter(Boolean).join(": "));

const remedy = revertOf();
const approval = { by: "ann", at: 1, head: sha("d") };
const merge = { sha: sha("a"), by: "countersteer[bot]", at: 2 };
const size = { added: 9, removed: 14, files: 2 };
const decided = { remedy, pull, approval, terms: { size } };
const theRevert = "Revert (90 %): cccccccccccc “round amounts to minor units” by Ann; +9 −14 in 2 files";
const theAlert = "Alert: PaymentErrorsHigh: payments fail";

test("after the decision the message says the state, the remedy, and until when what is waited for: no other suspect", () => {
  assert.deepEqual(stateOf({ status: "approved", ...decided }), [
    "Approved: by ann",
    theRevert,
    theAlert,
    "Merged as soon as GitHub allows, by 12:00 at the latest; then a person is needed. Any approver can still reject it.",
  ]);
  assert.deepEqual(stateOf({ status: "merged", ...decided, merge }), [
    "Merged: as aaaaaaaaaaaa by countersteer[bot]",
    theRevert,
    theAlert,
    "A person is told when it is not live by 12:00.",
  ]);
  assert.deepEqual(stateOf({ status: "deployed", ...decided, merge, deploy: { sha: sha("a"), at: 3 } }), [
    "Live: aaaaaaaaaaaa is deployed",
    theRevert,
    theAlert,
    "A person is told when the alert is not over by 12:00.",
  ]);
  const ended = { status: "closed", outcome: "verified", detail: "PaymentErrorsHigh quiet for 5 min" };
  assert.deepEqual(stateOf({ ...decided, merge, ...ended }), [
    "Outcome: PaymentErrorsHigh quiet for 5 min",
    theRevert,
    theAlert,
  ]);
});

test("a remedy of an incident that ended without it, or that people mended, is called proposed", () => {
  const ended = { status: "closed", detail: "too late" };
  const fix = { kind: "revert", at: 3, detail: "Ben reverted it" };
  for (const [over, label] of [
    [{ ...ended, outcome: "rejected" }, "Proposed revert (90 %)"],
    [{ ...ended, outcome: "recovered" }, "Proposed revert (90 %)"],
    [{ ...ended, outcome: "recovered_by_people", merge, fix }, "Proposed revert (90 %)"],
    [{ status: "merged", merge, fix }, "Proposed revert (90 %)"],
    [{ ...ended, outcome: "recovered", merge }, "Revert (90 %)"],
  ] as const)
    assert.deepEqual(
      stateOf({ ...decided, ...over })
        .filter((line) => line.includes("evert ("))
        .map((line) => line.split(":")[0]),
      [label],
    );
});

test("a scale and a withdrawal are named as what they do", () => {
  const scale = {
    kind: "scale",
    title: "raise the maximum of HorizontalPodAutoscaler/web from 10 to 14",
    score: 0.8,
    reasons: [],
  };
  assert.equal(
    stateOf({ status: "merged", ...decided, terms: undefined, remedy: scale, merge })[1],
    `Scaling (80 %): ${scale.title}`,
  );
  const withdrawal = { ...remedy, kind: "withdraw", pull: 7 };
  assert.equal(
    stateOf({ status: "merged", ...decided, terms: undefined, remedy: withdrawal, merge })[1],
    "Withdrawal (90 %): put “round amounts to minor units” back, as pull request #7 did not help",
  );
});

test("who must look for the cause gets the likeliest one with three reasons, the measured ones first, and the notes", () => {
  const ended = { status: "escalated", reason: "low_confidence", detail: "nothing is likely enough" };
  assert.deepEqual(stateOf(ended), [
    "Why a person is needed: nothing is likely enough",
    "Suspect (90 %): cccccccccccc “round amounts to minor units” by Ann",
    "Why (measured): two\nfour",
    "Why (text): one",
    "Note: no logs are connected",
    theAlert,
  ]);
});

test("load stands before a suspect that is less likely, and behind one that is more likely", () => {
  const load = (score: number): string[] => {
    const scale = { kind: "scale", score, reasons: ["every pod is busy"] };
    const ended = { status: "escalated", reason: "low_confidence", detail: "unsure" };
    return stateOf({ ...ended, diagnosis: { ...diagnosis, remedies: [scale] } })
      .map((line) => line.replace(/ \(.*/, ""))
      .filter((line) => /^(Load|Suspect)/.test(line));
  };
  assert.deepEqual(
    [load(0.95), load(0.5)],
    [
      ["Load", "Suspect"],
      ["Suspect", "Load"],
    ],
  );
});

test("before the diagnosis the message says until when people are told in any case, or when it looks again", () => {
  const opened = { status: "opened", diagnosis: undefined };
  assert.deepEqual(stateOf(opened), [theAlert, "People are told by 12:00 in any case."]);
  const thin = { diagnosis: { ...diagnosis, suspects: [], notes: [] }, detail: "no deploy is known" };
  assert.deepEqual(stateOf({ ...opened, thin, lookAt: noon + 120_000 }), [
    "Not sure yet: no deploy is known",
    theAlert,
    "Looking again at 12:02.",
  ]);
});

test("alerts and notes have a line each, in Slack as well", () => {
  const alerts = ["A", "B", "C", "D"].map((name) => alert({ name, fingerprint: name, annotations: {} }));
  const ended = { status: "escalated", reason: "low_confidence", detail: "unsure", alerts };
  const notes = ["no logs are connected", "no deploys are known"];
  const lines = stateOf({ ...ended, diagnosis: { ...diagnosis, notes } });
  assert.ok(lines.includes("Note: no logs are connected\nno deploys are known"));
  assert.ok(lines.includes("Alert: A\nB\nC\nand 1 more"));
  const { blocks } = viewContent({
    ...{ marker: "m", headline: "h", links: [] },
    lines: [linesOf("Note", ["one", "two\nof <!here>"])],
  });
  assert.deepEqual(blocks[1], {
    type: "section",
    text: { type: "mrkdwn", text: "*Note*  one\ntwo of &lt;!here&gt;", verbatim: true },
  });
});

test("the message leads to the page of its incident, and where there are no pages to its other links alone", () => {
  const given = {
    ...{ id: "shop/production", service: "shop", environment: "production", round: 1, status: "approved" },
    ...{ alerts: [alert()], due: noon, diagnosis, ...decided },
  } as unknown as Started;
  const linksAt = (page: string | undefined) => view(given, page).links?.map(({ text }) => text);
  const others = (linksAt("http://countersteer.test") ?? []).filter((text) => text !== "Incident");
  assert.ok(linksAt("http://countersteer.test")?.includes("Incident"));
  assert.ok(others.length > 0);
  assert.deepEqual(linksAt(undefined), others);
});

test("an escalation tells the damage first, also in the notification, with its links below", () => {
  const { incident } = stateAs("unanswered");
  if (incident.status === "none") throw new Error("it has not begun");
  const shown = view(incident, "http://countersteer.test", ["U0ANN"]);
  const damage = "payment-gateway: 22 % of the JPY payments fail since 11:03. Needs a person.";
  assert.equal(shown.headline, damage);
  const { text, blocks } = viewContent(shown);
  assert.ok(text.startsWith(`${damage} – nobody decided in time`), text);
  assert.match(
    JSON.stringify(blocks[0]),
    /payment-gateway: 22 % .*\*<!date.* Needs a person\. <@U0ANN>|Needs a person\. <@U0ANN>/,
  );
  assert.match(JSON.stringify(blocks), /\|Pull request #412>/);
  assert.equal(view(stateAs("verified").incident as Started, undefined).lead, undefined);
});

test("a rollback names its verb once", () => {
  const rollback = { ...remedy, from: sha("b"), title: "the deploy of 11:02 (4 changes)" };
  const [line] = stateOf({ status: "approved", ...decided, remedy: rollback }).slice(1);
  assert.equal(
    line,
    "Revert (90 %): everything since bbbbbbbbbbbb, up to cccccccccccc “the deploy of 11:02 (4 changes)”; +9 −14 in 2 files",
  );
});
