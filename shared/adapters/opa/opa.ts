import { array, boolean, int, lazy, object, optional, string } from "zod";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Decisions, PolicyDecision } from "../../ports/decisions.ts";
import { sendJson } from "../http/send-json.ts";
import { within } from "../http/within.ts";

/** An approval waits for it, and an outage of it must not stop an incident. */
const patienceMs = 1_000;

// https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input: without `result` the document is undefined.
const answer = lazy(() => object({ decision_id: optional(string()), result: optional(object({}).loose()) }));
const decision = lazy(() =>
  object({
    allow: boolean(),
    require_approvals: optional(int().min(0).max(100)),
    reasons: optional(array(string().max(300)).max(20)),
  }),
);

type Access = { url: string; token?: string | undefined; fetch?: typeof fetch; timeoutMs?: number };

/** Open Policy Agent's Data API. */
export const openPolicyAgent = ({ timeoutMs = patienceMs, ...access }: Access): Decisions => ({
  decide: async (path, input) => {
    const upstream = { ...access, system: "opa" as const };
    const sent = { method: "POST", path: `/v1/data/${path}`, body: { input } };
    try {
      return read(await within("opa", timeoutMs, sendJson(upstream, sent)));
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      return { result: "undecided", why: `it did not answer (${messageOf(error)})` };
    }
  },
});

const read = (body: unknown): PolicyDecision => {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return { result: "undecided", why: "its answer is not one of the Data API" };
  const { decision_id, result } = parsed.data;
  const id = decision_id === undefined ? {} : { id: decision_id.slice(0, 100) };
  if (result === undefined) return { ...id, result: "undecided", why: "the document is undefined" };
  const decided = decision.safeParse(result);
  if (!decided.success)
    return { ...id, result: "undecided", why: "the document is not a decision with allow: true or false" };
  const { allow, require_approvals: approvals = 0, reasons = [] } = decided.data;
  return { ...id, result: "decided", allow, approvals, reasons };
};
