import type { Event } from "../../shared/incident/events.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { span } from "../../shared/text/format.ts";
import type { Failure } from "./dry.ts";
import { expectedOf } from "./faults.ts";
import type { Drill } from "./stage.ts";

/** One part of the loop: how long it took, and how long the policy gives it. Without `ms` it did not happen. */
export type Phase = {
  name: "detect" | "diagnose" | "propose" | "ask" | "decide";
  ms?: number;
  limitMs?: number;
  detail?: string;
};
export type Result = {
  id: string;
  service: string;
  environment: string;
  fault: string;
  expected: string;
  outcome: string;
  /** The first suspect, which was ruled out, where the fault plays that. */
  ruledOut?: string;
  phases: Phase[];
  failures: Failure[];
  /** GitHub's own conditions for a merge. They do not count as failures. */
  gates: string[];
  pull?: string;
  passed: boolean;
};

type Seen = {
  incident: Incident;
  log: Event[];
  failures: Failure[];
  gates: string[];
  ruledOut: string | undefined;
  sentAt: number;
  arrivedAt: number | undefined;
  answer: { at: number; by: string; does: string } | undefined;
  /** How long an answer was waited for, in ms. */
  answerMs: number;
};

/** The score of a drill by its facts, against the times that the policy gives. */
export const resultOf = ({ id, place, fault }: Drill, seen: Seen): Result => {
  const { incident, failures, gates, ruledOut } = seen;
  const { service, environment } = place;
  const outcome = outcomeOf(incident);
  const expected = expectedOf(fault);
  const phases = phasesOf(seen, service.policy);
  const pull = "pull" in incident ? incident.pull?.url : undefined;
  return {
    ...{ id, service: service.name, environment, fault, expected, outcome, phases, failures, gates },
    ...(ruledOut !== undefined && { ruledOut }),
    ...(pull !== undefined && { pull }),
    passed: outcome === expected && failures.length === 0 && phases.every(isInTime),
  };
};

const outcomeOf = (incident: Incident): string => {
  if ("held" in incident && incident.held !== undefined) return "held";
  if (incident.status === "proposed" && incident.asked) return "asked";
  if (incident.status === "escalated") return `escalated (${incident.reason}: ${incident.detail})`;
  const detail = "delay" in incident && incident.delay !== undefined ? ` (${incident.delay.detail})` : "";
  return `${incident.status}${detail}`;
};

export const isInTime = ({ ms, limitMs }: Phase): boolean =>
  ms === undefined || limitMs === undefined || ms <= limitMs;

type Limits = { stepMs: number; approvalMs: number };

const phasesOf = (
  { log, incident, sentAt, arrivedAt, answer, answerMs }: Seen,
  { stepMs, approvalMs }: Limits,
): Phase[] => {
  const at = (type: Event["type"]): number | undefined => log.find((event) => event.type === type)?.at;
  const between = (from: number | undefined, to: number | undefined): { ms?: number } =>
    from === undefined || to === undefined ? {} : { ms: to - from };
  const [opened, diagnosed] = [at("IncidentOpened"), at("IncidentDiagnosed")];
  const [proposed, asked] = [at("RemedyProposed"), at("ApprovalRequested")];
  const first = "diagnosis" in incident ? incident.diagnosis?.suspects[0] : undefined;
  return [
    { name: "detect", ...between(sentAt, arrivedAt) },
    {
      ...{ name: "diagnose", ...between(opened, diagnosed), limitMs: stepMs },
      ...(first && { detail: `${Math.round(first.score * 100)} % ${first.title}` }),
    },
    { name: "propose", ...between(diagnosed, proposed), limitMs: stepMs },
    { name: "ask", ...between(proposed, asked), limitMs: stepMs },
    {
      ...{ name: "decide", ...between(asked, answer?.at), limitMs: approvalMs },
      ...(answer !== undefined && { detail: `${answer.does} by ${answer.by}` }),
      ...(answer === undefined &&
        asked !== undefined && { detail: `nobody answered within ${span(answerMs)}` }),
    },
  ];
};
