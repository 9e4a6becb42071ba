import assert from "node:assert/strict";
import { test } from "node:test";
import { openPolicyAgent } from "../../shared/adapters/opa/opa.ts";

type Sent = { url: string; body: unknown; authorization: string | null };

/** The server that answers every call so, and what it was sent. */
const opa = (answer: () => Promise<Response>) => {
  const sent: Sent[] = [];
  const decisions = openPolicyAgent({
    ...{ url: "http://opa.test:8181", token: "t", timeoutMs: 50 },
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const body: unknown = JSON.parse(String(init?.body));
      sent.push({ url: String(input), body, authorization: headers.get("authorization") });
      return answer();
    },
  });
  return { sent, decide: () => decisions.decide("countersteer/decision", { action: { kind: "revert" } }) };
};
const json =
  (body: unknown, status = 200) =>
  async () =>
    Response.json(body, { status });

test("the document is asked for with its input, and its decision is read", async () => {
  const result = { allow: true, require_approvals: 1, reasons: ["within 2x"], more: "ignored" };
  const { sent, decide } = opa(json({ decision_id: "9a2b", result }));
  assert.deepEqual(await decide(), {
    ...{ result: "decided", allow: true, approvals: 1, reasons: ["within 2x"], id: "9a2b" },
  });
  assert.deepEqual(sent, [
    {
      url: "http://opa.test:8181/v1/data/countersteer/decision",
      body: { input: { action: { kind: "revert" } } },
      authorization: "Bearer t",
    },
  ]);
});

test("an undefined document, another form, a refusal and silence decide nothing", async () => {
  const refused = (status: number) => json({ code: "internal_error", message: "boom" }, status);
  const cases: [() => Promise<Response>, RegExp][] = [
    [json({}), /^the document is undefined$/],
    [json({ result: {} }), /not a decision with allow/],
    [json({ result: { allow: "yes" } }), /not a decision with allow/],
    [json({ result: { allow: true, require_approvals: -1 } }), /not a decision with allow/],
    [json({ result: true }), /not one of the Data API/],
    [json("text"), /not one of the Data API/],
    [async () => new Response("not JSON"), /not one of the Data API/],
    [refused(500), /did not answer \(POST .*: 500/],
    [refused(401), /did not answer \(POST .*: 401/],
    [async () => Promise.reject(new TypeError("fetch failed")), /did not answer/],
    [() => new Promise(() => {}), /did not answer \(no answer within 50 ms\)/],
  ];
  for (const [answer, why] of cases) {
    const decision = await opa(answer).decide();
    assert.equal(decision.result, "undecided");
    assert.match(decision.result === "undecided" ? decision.why : "", why);
  }
});

test("the id of a decision is told also where nothing was decided", async () => {
  assert.deepEqual(await opa(json({ decision_id: "7c" })).decide(), {
    ...{ result: "undecided", why: "the document is undefined", id: "7c" },
  });
});
