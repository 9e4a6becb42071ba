import { UpstreamError } from "../../shared/errors.ts";
import type { Active, In, Question, Verdict } from "../../shared/incident/model.ts";
import type { Work } from "../step.ts";

type Changed = { verdict: Verdict; detail: string };

/** Whether Prometheus now evaluates another rule than the one that fired, or none. Undefined also when it cannot be asked. */
export const changedRule = async (
  work: Work,
  incident: Active | In<"escalated">,
): Promise<Changed | undefined> => {
  const asked = (incident.questions ?? []).filter(({ rules }) => rules.length > 0);
  const found = await Promise.all(asked.map((question) => compare(work, incident.service, question)));
  return found.find((one) => one !== undefined);
};

const compare = async (
  { metrics, serviceOf }: Work,
  service: string,
  { alert, rules }: Question,
): Promise<Changed | undefined> => {
  try {
    const now = await metrics.rules(serviceOf(service), alert);
    if (now.length === 0)
      return {
        verdict: "rule_gone",
        detail: `${alert}: the rule that fired is gone from Prometheus, and its expression is still true`,
      };
    const texts = new Set(now.map(({ expr }) => plain(expr)));
    const lost = rules.find(({ expr }) => !texts.has(plain(expr)));
    if (lost === undefined) return undefined;
    return {
      verdict: "rule_changed",
      detail: `${alert}: its rule has changed since it fired (now ${now[0]?.expr}), and by the rule that fired (${lost.expr}) it is not over`,
    };
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};

const plain = (expr: string): string => expr.replace(/\s+/g, "");
