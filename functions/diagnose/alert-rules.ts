import type { AlertRule } from "../../shared/diagnosis/model.ts";
import type { Question } from "../../shared/incident/model.ts";
import { sidesOf } from "../../shared/promql/selectors.ts";

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
