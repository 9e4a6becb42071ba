import { UpstreamError } from "../../shared/errors.ts";
import type { Active, In } from "../../shared/incident/model.ts";
import type { Question, Verdict } from "../../shared/incident/recovery.ts";
import type { Work } from "../step.ts";

type Changed = { verdict: Verdict; detail: string };

/** Whether Prometheus now evaluates another rule than the one that fired, or none. Undefined also when it cannot be asked. */
export const changedRule = async (
  work: Work,
  incident: Active | In<"escalated">,
): Promise<Changed | undefined> => {
  const [found] = await changes(work, incident);
  if (found === undefined) return undefined;
  const { alert, was, now } = found;
  if (now === undefined)
    return {
      verdict: "rule_gone",
      detail: `${alert}: the rule that fired is gone from Prometheus, and its expression is still true`,
    };
  return {
    verdict: "rule_changed",
    detail: `${alert}: its rule has changed since it fired (now ${now}), and by the rule that fired (${was}) it is not over`,
  };
};

/** The sentence beside a verdict by the rule that fired, where Prometheus evaluates another one now. */
export const ruleNote = async (work: Work, incident: Active): Promise<string | undefined> => {
  const [found] = await changes(work, incident);
  if (found === undefined) return undefined;
  const { alert, was, now } = found;
  const what = now === undefined ? "is gone from Prometheus" : `has changed since it fired (now ${now})`;
  return `${alert}: its rule ${what}, and the verdict is by the rule that fired (${was})`;
};

/** `now` is undefined where Prometheus has no such rule any more. */
type Difference = { alert: string; was: string; now?: string };

const changes = async (work: Work, incident: Active | In<"escalated">): Promise<Difference[]> => {
  const asked = (incident.questions ?? []).filter(({ rules }) => rules.length > 0);
  const found = await Promise.all(asked.map((question) => compare(work, incident.service, question)));
  return found.filter((one) => one !== undefined);
};

const compare = async (
  { metrics, serviceOf }: Work,
  service: string,
  { alert, rules }: Question,
): Promise<Difference | undefined> => {
  try {
    const now = await metrics.rules(serviceOf(service), alert);
    const texts = new Set(now.map(({ expr }) => plain(expr)));
    const lost = rules.find(({ expr }) => !texts.has(plain(expr)));
    const [first] = now;
    return lost && { alert, was: lost.expr, ...(first && { now: first.expr }) };
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const plain = (expr: string): string => expr.replace(/\s+/g, "");
