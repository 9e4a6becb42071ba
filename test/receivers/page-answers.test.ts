import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "../../functions/login/access.ts";
import type { Diagnosis } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { id, revertOf, sha, suspect } from "../support/incident.ts";
import { burning, world } from "../support/world.ts";

const access: Access = {
  ...{ isOpen: false, tokens: ["pages-token"] },
  proxy: { header: "X-Forwarded-Email", secret: "proxy-secret" },
};
const people = {
  UANN: { github: "ann", email: "Ann@acme.com" },
  UEVE: { github: "eve", email: "eve@acme.com" },
};
const page = `/incidents/${id}`;
const as = (email: string) => ({
  "x-countersteer-proxy-secret": "proxy-secret",
  "x-forwarded-email": email,
});
const own = { origin: "http://localhost" };
const question = { round: "1", head: sha("d"), nonce: "nonce" };

const asked = async (diagnosis?: Diagnosis) => {
  const made = world({ people });
  await made.alerts([burning]);
  if (diagnosis !== undefined)
    await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  await made.settle();
  const { app } = doors(made, { access });
  const answer = async (
    fields: Record<string, string>,
    headers: Record<string, string> = { ...as("ann@acme.com"), ...own },
  ) => {
    const body = new URLSearchParams({ ...question, ...fields });
    const response = await app.request(`${page}/answer`, { method: "POST", body, headers });
    return [response.status, response.headers.get("location")?.replace(page, "")];
  };
  const read = async (headers: Record<string, string>, search = "") =>
    (await app.request(page + search, { headers })).text();
  const stored = async () => (await made.store.load(id)).incident;
  return { made, answer, read, stored };
};

test("an approver who is signed in approves on the page, as by a click in Slack", async () => {
  const { answer, read, stored, made } = await asked();
  const shown = await read(as("ann@acme.com"));
  assert.match(shown, /<button type="button" class="btn go" popovertarget="answer-approve">Approve · \d+/);
  assert.match(shown, /name="nonce" value="nonce"/);
  assert.deepEqual(await answer({ does: "approve" }), [303, ""]);
  const incident = await stored();
  assert.equal(incident.status === "approved" && incident.approval.by, "ann (UANN)");
  const log = await made.store.log(id);
  const votes = log.flatMap((fact) => (fact.type === "RemedyApproved" ? (fact.votes ?? []) : []));
  assert.deepEqual(
    votes.map(({ person, door }) => [person, door]),
    [["UANN", "page"]],
  );
  assert.match(await read(as("ann@acme.com")), /popovertarget="answer-reject">Reject</);
});

test("nobody else answers: another site's page, a stranger, a reader without an address, and a person who is not an approver", async () => {
  const { answer, read, stored, made } = await asked();
  const ann = as("ann@acme.com");
  assert.deepEqual((await answer({ does: "approve" }, { ...ann, origin: "https://evil.test" }))[0], 403);
  assert.deepEqual((await answer({ does: "approve" }, ann))[0], 403);
  assert.deepEqual(await answer({ does: "approve" }, own), [303, ""]);
  const bearer = { ...own, authorization: "Bearer pages-token" };
  assert.deepEqual(await answer({ does: "approve" }, bearer), [303, ""]);
  const notApprover = [303, "?answer=not_approver"];
  assert.deepEqual(await answer({ does: "approve" }, { ...as("mallory@acme.com"), ...own }), notApprover);
  assert.deepEqual(await answer({ does: "approve" }, { ...as("eve@acme.com"), ...own }), notApprover);
  assert.equal((await stored()).status, "proposed");
  const refused = (await made.store.log(id)).filter(({ type }) => type === "AttemptRefused");
  assert.deepEqual(
    refused.map((fact) => fact.type === "AttemptRefused" && [fact.by, fact.code]),
    [["eve (UEVE)", "not_approver"]],
  );
  assert.doesNotMatch(await read({ authorization: "Bearer pages-token" }), /answer-approve/);
  const told = await read(as("mallory@acme.com"), "?answer=not_approver");
  assert.match(told, /<b>Your answer changed nothing:<\/b> the person is not an approver\./);
  assert.match(told, /your address must stand in/);
  assert.doesNotMatch(told, /answer-approve/);
  assert.doesNotMatch(await read(ann, "?answer=<b>paid</b>"), /changed nothing/);
});

test("an answer is bound to its question, a no needs a reason, and each other button is a fact", async () => {
  const late = await asked();
  assert.deepEqual(await late.answer({ does: "approve", head: sha("9") }), [303, "?answer=late"]);
  assert.deepEqual(await late.answer({ does: "approve", nonce: "old" }), [303, "?answer=superseded"]);
  assert.deepEqual((await late.answer({ does: "reject" }))[0], 400);
  assert.deepEqual((await late.answer({ does: "merge" }))[0], 400);
  assert.equal((await late.stored()).status, "proposed");
  assert.deepEqual(await late.answer({ does: "snooze" }), [303, ""]);
  assert.deepEqual(await late.answer({ does: "reject", why: "it was the cache" }), [303, ""]);
  const ended = await late.stored();
  assert.deepEqual(ended.status === "closed" && [ended.outcome, ended.detail, ended.by], [
    "rejected",
    "it was the cache",
    "ann (UANN)",
  ]);
  const types = (await late.made.store.log(id)).map(({ type }) => type);
  assert.ok(types.includes("QuestionSnoozed"));
  const other = await asked();
  assert.deepEqual(await other.answer({ does: "look" }), [303, ""]);
  assert.ok((await other.made.store.log(id)).some(({ type }) => type === "LookRequested"));
});

test("each alternative of at least 20 % is a button of the page, and a press of it prepares that one", async () => {
  const other = { sha: sha("b"), title: "bump the base image" };
  const { answer, read, stored, made } = await asked({
    suspects: [suspect({ score: 0.6 }), suspect({ ...other, score: 0.25 })],
    ...{ none: 0.1, onsetAt: 10_000 },
    remedies: [
      revertOf({ score: 0.6 }),
      revertOf({ ...other, score: 0.25 }),
      revertOf({ sha: sha("9"), score: 0.15 }),
    ],
  });
  const shown = await read(as("ann@acme.com"));
  assert.deepEqual(shown.match(/popovertarget="answer-choose-\d+">[^<]+/g), [
    'popovertarget="answer-choose-1">Revert bump the base image · 25\u00a0%',
  ]);
  assert.match(shown, /name="does" value="choose:1"/);
  for (const does of ["choose", "choose:", "choose:-1", "choose:1e1", "choose:9999"])
    assert.deepEqual((await answer({ does }))[0], 400, does);
  assert.deepEqual(await answer({ does: "choose:7" }), [303, ""]);
  assert.equal((await stored()).status, "proposed");
  assert.deepEqual(await answer({ does: "choose:1" }), [303, ""]);
  const chosen = (await made.store.log(id)).find(({ type }) => type === "RemedyChosen");
  assert.deepEqual(chosen?.type === "RemedyChosen" && [chosen.choice, chosen.by], [1, "ann (UANN)"]);
});
