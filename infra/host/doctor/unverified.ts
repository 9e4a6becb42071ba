import { notesOnVerifying } from "../../../functions/verify/notes.ts";
import type { Configured } from "../../../shared/config.ts";

/** An alerting rule, and where it is written. */
export type AlertingRule = {
  name: string;
  expr: string;
  labels: Record<string, string>;
  keepFiringMs: number;
  source: string;
};

/** A line for each alert that can never be verified, or only after the deadline, with the reason and its services. */
export const unverified = (services: Configured[], rules: AlertingRule[]): string[] => [
  ...new Set(
    rules.flatMap((rule) => {
      const possible = services.filter((service) => mayBeOf(service, rule));
      const notes = possible.flatMap((service) =>
        notesOnVerifying(service, [{ alert: rule.name, rules: [rule] }]).map((note) => ({ service, note })),
      );
      return [...Map.groupBy(notes, ({ note }) => note)].map(
        ([note, of]) => `${of.map(({ service }) => service.name).join(", ")}: ${note} (${rule.source})`,
      );
    }),
  ),
];

/** Whether no label that the rule sets speaks against the service. Other labels come from its series. */
export const mayBeOf = ({ match }: Configured, { name, labels }: AlertingRule): boolean =>
  match.every(({ label, matches }) => {
    const value = label === "alertname" ? name : labels[label];
    return value === undefined || value.includes("{{") || matches(value);
  });
