import { ownValue } from "../records.ts";
import { type Labels, ownLabels } from "./labels.ts";
import type { Side } from "./selectors.ts";
import { takesStates } from "./trouble.ts";

/** Values of the alert's labels as the metrics write them. */
type Mapping = Record<string, Record<string, string>>;
/** `series`: the alert's labels as Prometheus has them, before relabelling and external labels. */
type Labelled = { alert: Labels; rule: Labels; series?: Labels | undefined };

/**
 * The labels by which the alert's series are known. A label that the expression itself pins to another value was
 * relabelled on the way to Alertmanager, so it identifies nothing; nor does one of several states that a selector takes.
 */
export const knownBy = ({ alert, rule, series = {} }: Labelled, mapping: Mapping, sides: Side[]): Labels => {
  const mapped = Object.entries(alert).map(([name, value]) => [
    name,
    ownValue(ownValue(mapping, name) ?? {}, value) ?? value,
  ]);
  const labels = { ...ownLabels(Object.fromEntries(mapped), rule), ...ownLabels(series, rule) };
  return Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => {
      if (sides.some((side) => takesStates(side, name))) return false;
      const pins = sides.flatMap((side) => pinOf(side, name) ?? []);
      return pins.length === 0 || pins.includes(value);
    }),
  );
};

/** The one value that a selector allows for a label. */
export const pinOf = ({ matchers }: Side, label: string): string | undefined =>
  matchers.find((matcher) => matcher.label === label && matcher.op === "=")?.value;
