import type { Reading, Series } from "../../ports/metrics.ts";
import { pinOf } from "../../promql/known-labels.ts";
import { consistent, type Labels, namesRelease } from "../../promql/labels.ts";
import { narrowed } from "../../promql/narrow.ts";
import type { Side } from "../../promql/selectors.ts";
import { namesTrouble } from "../../promql/trouble.ts";
import { ownValue } from "../../records.ts";

/** A side, and its series counted by the alert's labels. */
export type Counted = { side: Side; series: Series[] };

/** An expression about the alert's own series only. `isOurs`: whether a series of the side is the alert's. */
export type Scoped = { expr: string; labels: Labels; isOurs: (side: Side, labels: Labels) => boolean };

/**
 * Puts the alert's labels into the selectors whose data mix them with others, for an aggregation may hide them. An
 * unknown reading where the data have only other values.
 */
export const scopeOf = (expr: string, known: Labels, counts: Counted[]): Scoped | Reading => {
  const labels = without(known, replacedIn(known, counts));
  const names = Object.keys(labels);
  const foreign = names.find((name) => isForeign(name, labels, counts));
  if (foreign !== undefined) return elsewhere(foreign, labels, counts);
  const ignored = ignoredBySide(names, labels, counts);
  const isOurs = (side: Side, carried: Labels): boolean =>
    consistent(carried, without(labels, ignored.get(side.text)));
  const added = new Map(counts.map((one) => [one.side.text, addedTo(one, labels, ignored)]));
  const text = narrowed(expr, added);
  if (text === undefined && counts.length > 0)
    return {
      result: "unknown",
      detail: "its selectors cannot be narrowed to the alert's labels; set verify.expr",
    };
  return { expr: text ?? expr, labels, isOurs };
};

const valuesOf = ({ series }: Counted, name: string): Set<string> =>
  new Set(series.flatMap(({ labels }) => ownValue(labels, name) ?? []));

const without = (labels: Labels, names: Set<string> = new Set()): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.has(name)));

/** The labels of a release that no series carries with the alert's value any more. */
const replacedIn = (labels: Labels, counts: Counted[]): Set<string> =>
  new Set(
    Object.entries(labels).flatMap(([name, value]) =>
      namesRelease(name) && !counts.some((one) => valuesOf(one, name).has(value)) ? [name] : [],
    ),
  );

/** Whether the data carry the label, but no side carries the alert's value. Error series may be gone with the error. */
const isForeign = (name: string, labels: Labels, counts: Counted[]): boolean => {
  const carrying = counts.filter((one) => !namesTrouble(one.side) && valuesOf(one, name).size > 0);
  return carrying.length > 0 && !counts.some((one) => valuesOf(one, name).has(labels[name] ?? ""));
};

const elsewhere = (name: string, labels: Labels, counts: Counted[]): Reading => {
  const [other] = counts.flatMap((one) => [...valuesOf(one, name)]);
  const detail = `no data to show that it is quiet, as its series have ${name}="${other}", none has ${name}="${labels[name]}"; they are gone, or verify.labels must map the value`;
  return { result: "unknown", verdict: "telemetry_gone", detail };
};

/** Labels with which a side means something else than the alert, for another side carries the alert's value. */
const ignoredBySide = (names: string[], labels: Labels, counts: Counted[]): Map<string, Set<string>> =>
  new Map(
    counts.map((one) => {
      const foreign = names.filter((name) => {
        const values = valuesOf(one, name);
        return values.size > 0 && !values.has(labels[name] ?? "") && !namesTrouble(one.side);
      });
      return [one.side.text, new Set(foreign)];
    }),
  );

/** The labels that tell the alert's series of a side from others of its selector. */
const addedTo = (one: Counted, labels: Labels, ignored: Map<string, Set<string>>): Labels =>
  Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => {
      if (pinOf(one.side, name) !== undefined || ignored.get(one.side.text)?.has(name)) return false;
      const values = valuesOf(one, name);
      const others = [...values].some((other) => other !== value);
      return (
        values.size > 0 &&
        (others || one.series.some((series) => ownValue(series.labels, name) === undefined))
      );
    }),
  );
