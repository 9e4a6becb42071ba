import type { DecisionCode, Moment } from "../../shared/incident/approval/votes.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { In, Remedy } from "../../shared/incident/model.ts";
import type { PolicyDecision } from "../../shared/ports/decisions.ts";
import { clip } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

type Asked = Pick<In<"diagnosed">, "id" | "service" | "environment" | "round" | "alerts" | "openedAt">;

/** A question to the policy server: a merge, the actor that asks for it, and the people who approved it. */
export type Question = {
  moment: Moment;
  incident: Asked;
  remedy: Remedy;
  actor: "auto" | "people";
  approvals: string[];
  files?: string[];
};

type Asking = Pick<Work, "decisions" | "serviceOf" | "handle" | "clock">;

/** The policy server's decision, which is a fact of the incident; undefined where the service names no document. */
export const opaDecision = async (work: Asking, question: Question): Promise<PolicyDecision | undefined> => {
  const { repository, branch, policy } = work.serviceOf(question.incident.service);
  if (policy.opa === undefined) return undefined;
  const place = { repository, branch, mode: policy.mode };
  const decision = await decided(work, policy.opa, inputOf(question, place));
  const { id, round } = question.incident;
  await work.handle(id, { ...factOf(question, decision), at: work.clock(), round });
  return decision;
};

const decided = async (
  { decisions }: Asking,
  document: string,
  input: ReturnType<typeof inputOf>,
): Promise<PolicyDecision> =>
  decisions === undefined
    ? { result: "undecided", why: "OPA_URL is not set" }
    : decisions.decide(document, input);

const factOf = (
  { moment, approvals }: Question,
  decision: PolicyDecision,
): Extract<Intent, { type: "RecordDecision" }> => {
  const reasons = decision.result === "undecided" ? [decision.why] : decision.reasons;
  const detail = clip(reasons.join("; "), 500);
  return {
    ...{ type: "RecordDecision", moment, code: codeOf(decision, approvals.length) },
    ...(decision.id !== undefined && { decision: decision.id }),
    ...(detail !== "" && { detail }),
  };
};

const codeOf = (decision: PolicyDecision, given: number): DecisionCode => {
  if (decision.result === "undecided") return "undecided";
  if (!decision.allow) return "refused";
  return decision.approvals > given ? "more_approvals" : "allowed";
};

type OpaTarget = { repository: string; branch: string; mode: string };

/** The input as docs/limits.md describes it. */
const inputOf = ({ incident, remedy, actor, approvals, files = [] }: Question, place: OpaTarget) => ({
  action: {
    ...actionOf(remedy),
    ...{ service: incident.service, environment: incident.environment },
    ...{ title: remedy.title, files, repository: place.repository, branch: place.branch },
  },
  incident: {
    ...{ id: incident.id, round: incident.round, openedAt: new Date(incident.openedAt).toISOString() },
    alerts: incident.alerts
      .filter(({ status }) => status === "firing")
      .map(({ name, labels }) => ({ name, labels })),
    ...severityOf(incident),
  },
  ...{ confidence: remedy.score, approvals, actor, mode: place.mode },
});

const actionOf = (remedy: Remedy) => {
  switch (remedy.kind) {
    case "revert":
      return {
        ...{ kind: remedy.kind, sha: remedy.sha, ...(remedy.from && { from: remedy.from }) },
        ...(remedy.first && { redeploy: remedy.first.sha }),
      };
    case "scale": {
      const { kind, target, field, to, edit } = remedy;
      return { kind, target, field, ...(edit && { file: edit.file, from: edit.before }), to };
    }
    case "withdraw":
      return { kind: remedy.kind, sha: remedy.merge, pull: remedy.pull };
  }
};

const severityOf = ({ alerts }: Asked): { severity?: string } => {
  const severity = alerts.find(({ labels }) => labels.severity !== undefined)?.labels.severity;
  return severity === undefined ? {} : { severity };
};

/** A decision as people are told it. */
export const named = ({ id }: PolicyDecision): string =>
  id === undefined ? "the policy server" : `the policy server (decision ${id})`;
