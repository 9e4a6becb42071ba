import { UpstreamError } from "../../shared/errors.ts";
import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { In } from "../../shared/incident/model.ts";
import {
  type Figures,
  figuresIn,
  figuresText,
  isBad,
  isBetter,
} from "../../shared/policy/recovery/figures.ts";
import type { Labels } from "../../shared/ports/metrics.ts";
import { consistent } from "../../shared/promql/labels.ts";
import { comparisonOf } from "../../shared/promql/threshold.ts";
import type { Work } from "../step.ts";
import { scopeRule } from "./scoped.ts";

type Deployed = In<"deployed">;

type Value = { name: string; text: string; isBetter: boolean; isBad: boolean };

/** A sentence about these alerts, with the values behind it: the name of the only one is not told again. */
export const withFigures = (
  sentence: string,
  names: string[],
  values: Pick<Value, "name" | "text">[],
): string => {
  const [only] = values;
  if (names.length === 1 && values.length === 1 && only?.name === names[0])
    return `${sentence}; ${only?.text}`;
  return [sentence, ...values.map(({ name, text }) => `${name} ${text}`)].join("; ");
};

/** The instants at which the values are read. */
const points = 120;

/** The values of those of these alerts that can be read: a text for each, and whether the fix did something. */
export const figures = async (work: Work, incident: Deployed, names: string[]): Promise<Value[]> => {
  const asked = troubles(incident).filter(({ name }) => names.includes(name));
  const read = await Promise.all(
    asked.map(async (alert) => {
      const found = await readFigures(work, incident, alert);
      if (found === undefined) return [];
      return [{ name: alert.name, text: figuresText(found), isBetter: isBetter(found), isBad: isBad(found) }];
    }),
  );
  return read.flat();
};

const readFigures = async (
  { metrics, serviceOf, clock }: Work,
  { service, questions, onsetAt, deploy }: Deployed,
  { name, labels }: { name: string; labels: Labels },
): Promise<Figures | undefined> => {
  const question = questions?.find(({ alert }) => alert === name);
  const [rule] = question?.rules ?? [];
  if (rule === undefined || comparisonOf(rule.expr) === undefined) return undefined;
  const to = clock();
  const stepMs = Math.max(1000, Math.ceil((to - onsetAt) / points));
  const count = Math.floor((to - onsetAt) / stepMs) + 1;
  const grid = { start: to - (count - 1) * stepMs, stepMs, count };
  try {
    const configured = serviceOf(service);
    const scope = { metrics, service: configured, grid, question, alert: { labels } };
    const { scoped } = await scopeRule(scope, rule, []);
    if ("result" in scoped) return undefined;
    const compared = comparisonOf(scoped.expr);
    if (compared === undefined) return undefined;
    const series = await metrics.range(configured, compared.query, grid);
    const ours = series.filter((one) => consistent(one.labels, scoped.labels)).map((one) => one.points);
    return figuresIn(ours, compared, { liveAt: deploy.at, now: to - 2 * stepMs });
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
};
