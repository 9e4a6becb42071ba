import type { In, Remedy } from "../../shared/incident/model.ts";
import type { PolicyDecision } from "../../shared/ports/decisions.ts";
import type { Work } from "../step.ts";

type Asked = Pick<In<"diagnosed">, "id" | "service" | "environment" | "round" | "alerts" | "openedAt">;

/** A question to the policy server: a merge, the actor that asks for it, and the people who approved it. */
export type Question = {
  incident: Asked;
  remedy: Remedy;
  actor: "auto" | "people";
  approvals: string[];
  files?: string[];
};

/** The policy server's decision; undefined where the service names no document. */
export const opaDecision = async (
  { decisions, serviceOf }: Pick<Work, "decisions" | "serviceOf">,
  question: Question,
): Promise<PolicyDecision | undefined> => {
  const { repository, branch, policy } = serviceOf(question.incident.service);
  if (policy.opa === undefined) return undefined;
  if (decisions === undefined) return { result: "undecided", why: "OPA_URL is not set" };
  return decisions.decide(policy.opa, inputOf(question, { repository, branch, mode: policy.mode }));
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
      return { kind: remedy.kind, sha: remedy.sha, ...(remedy.from && { from: remedy.from }) };
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
