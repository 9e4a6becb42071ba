import { learnedRules } from "../../shared/diagnosis/learned-rules.ts";
import type { AlertRule } from "../../shared/diagnosis/model.ts";
import type { Active } from "../../shared/incident/model.ts";
import type { Question } from "../../shared/incident/recovery.ts";
import { sidesOf } from "../../shared/promql/selectors.ts";
import type { Work } from "../step.ts";

/** The rules of the questions, as the diagnosis reads them. An incident of an earlier version stored no templates. */
export const alertRules = (questions: Question[]): AlertRule[] =>
  questions.flatMap(({ alert, rules }) =>
    rules.map(({ expr, labels, annotations = {} }) => {
      const sides = sidesOf(expr);
      return {
        alert,
        templates: [...Object.values(annotations), ...Object.values(labels)],
        metrics: sides.map(({ metric }) => metric),
        selected: sides.flatMap(({ matchers }) => matchers.map(({ value }) => value)),
      };
    }),
  );

/** The rules of the questions; those that could not be read are learned from their alerts and from those of incidents that go on. */
export const knownRules = async (
  { store }: Pick<Work, "store">,
  { alerts }: Pick<Active, "alerts">,
  questions: Question[],
): Promise<AlertRule[]> => {
  const read = alertRules(questions);
  const known = new Set(read.map(({ alert }) => alert));
  const unknown = alerts.filter(({ name }) => !known.has(name));
  if (unknown.length === 0) return read;
  const others = (await store.active()).flatMap(({ incident }) =>
    "alerts" in incident ? incident.alerts : [],
  );
  return [...read, ...learnedRules(unknown, [...alerts, ...others])];
};
