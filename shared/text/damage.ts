import { alertsOfRound } from "../incident/alerts/alerts.ts";
import { diagnosisOf } from "../incident/diagnosis/review.ts";
import type { Alert, Chart, Incident } from "../incident/model.ts";
import { clip, figure } from "./format.ts";
import { wordsIn } from "./words.ts";

/** The most words of a summary in a headline. */
const maxWords = 12;
/** The most characters of an alert's name in a headline, and of a summary, which may be one word. */
const maxName = 70;
const maxSummary = 120;

/**
 * The damage, as the start of a headline: the summary of the alert's rule with the latest value of its expression, such as “22 % of the JPY
 * payments fail”. Never the number of an annotation, which is as old as the notification.
 */
export const damageOf = (incident: Incident): string => {
  const alerts = alertsOfRound(incident);
  const chart = diagnosisOf(incident)?.chart;
  const alert = alerts.find(({ name }) => name === chart?.alert) ?? alerts[0];
  if (alert === undefined) return "an alert fires";
  const others = new Set(alerts.map(({ name }) => name)).size - 1;
  const also = others > 0 ? `, ${others} more ${others === 1 ? "alert" : "alerts"}` : "";
  return `${summaryOf(incident, alert, chart) ?? nameAndValue(alert, chart)}${also}`;
};

const nameAndValue = ({ name }: Alert, chart: Chart | undefined): string => {
  const now = latest(chart);
  const shown = clip(name, maxName);
  return now === undefined ? `${shown} fires` : `${shown} is at ${now}`;
};

const summaryOf = ({ questions }: Incident, alert: Alert, chart: Chart | undefined): string | undefined => {
  const rules = questions?.find((one) => one.alert === alert.name)?.rules ?? [];
  const { summary, description } = rules[0]?.annotations ?? {};
  const template = summary ?? description;
  if (template === undefined) return undefined;
  const now = latest(chart);
  const text = template
    .replace(/\{\{-?\s*\$labels\.(\w+)\s*-?\}\}/g, (_, label: string) => alert.labels[label] ?? "")
    .replace(valued, now ?? "{{")
    .replace(/\s+/g, " ")
    .trim();
  const isPlain =
    text !== "" && !text.includes("{{") && wordsIn(text) <= maxWords && text.length <= maxSummary;
  return isPlain ? text.replace(/\.$/, "") : undefined;
};

/** A template of the alert's own value, with the unit that may stand behind it. */
const valued = /\{\{-?\s*(?:\$value|\.Value|printf\s+"[^"]*"\s+(?:\$value|\.Value))[^}]*\}\}(?:\s*%)?/g;

/** The last value of the course as people read it. */
export const latest = (chart: Chart | undefined): string | undefined => {
  const value = chart?.points.findLast(([, one]) => one !== null)?.[1];
  return chart === undefined || value === undefined || value === null ? undefined : amount(chart, value);
};

/** A value in the unit of its course: a share is whole, with one decimal below one percent. */
export const amount = ({ isShare }: Pick<Chart, "isShare">, value: number): string => {
  if (!isShare) return figure(value);
  const part = value * 100;
  return `${Math.abs(part) < 1 ? Number(part.toFixed(1)) : Math.round(part)} %`;
};
