import type { Question } from "../../shared/incident/recovery.ts";
import { type Shape, shapes } from "./rule-shapes.ts";
import type { Kind } from "./verify-kinds.ts";

/** The course of a shape's series once the fix is live. */
type End = "recovers" | "vanishes" | "dies" | "idles" | "loses";

/** A shape with one of its ends. `isOver`: its trouble is over, and it can be verified. `never`: why it cannot. */
export type PlayedShape = {
  name: string;
  kind: Kind;
  question: Question;
  labels: Record<string, string>;
  isOver: boolean;
  never?: RegExp;
};

const labels = { service: "pay", environment: "production" };

const labelText = Object.entries(labels)
  .map(([name, value]) => `${name}="${value}"`)
  .join(",");

/** `metric{labels} value`, where the value may be `+2`, a counter's rate, or `10-0.5`, a line. */
export const sample = (line: string, { seconds, before }: { seconds: number; before: number }): string => {
  const [selector = "", given = ""] = line.split(/ (?=\S+$)/);
  const [, base = "0", slope] = /^(-?[\d.]+)?([+-][\d.]+)?$/.exec(given) ?? [];
  const value = given === "NaN" ? "NaN" : (Number(base) + before + Number(slope ?? 0) * seconds).toFixed(3);
  const [metric, more] = selector.split(/[{}]/);
  return `${metric}{${labelText}${more ? `,${more}` : ""}} ${value}\n`;
};

/** The value that a counter had reached when the fix went live. */
export const reached = (line: string, bad: string[], seconds: number): number => {
  const [selector, given = ""] = line.split(/ (?=\S+$)/);
  const former = bad.find((one) => one.startsWith(`${selector} +`));
  if (former === undefined || !given.startsWith("+")) return 0;
  // In whole milliseconds the moment of the fix is the same in every scrape: a counter that trembles is reset.
  return (Number(former.split(" +")[1]) * Math.round(seconds * 1000)) / 1000;
};

type Ending = { name: string; end: End; shape: Shape };

const metricOf = (line = ""): string => line.split(/[{ ]/)[0] ?? "";

/** The series after the fix. A shape loses those of the metric that stands first. */
const linesAfter = (end: End, { good, idle = [] }: Shape): string[] => {
  if (end === "loses") return good.filter((line) => metricOf(line) !== metricOf(good[0]));
  return end === "idles" ? idle : good;
};

const worldOf = ({ end, shape }: Ending): Kind["world"] => {
  const lines = linesAfter(end, shape);
  return (phase, seconds, since) => {
    if (phase === "bad") return shape.bad.map((line) => sample(line, { seconds, before: 0 })).join("");
    if (end === "dies") return undefined;
    if (end === "vanishes") return "other 1\n";
    const before = (line: string): number => reached(line, shape.bad, seconds - since);
    return lines.map((line) => sample(line, { seconds: since, before: before(line) })).join("");
  };
};

const playedShape = (ending: Ending): PlayedShape => {
  const { name, end, shape } = ending;
  const { absentWhenQuiet, isLazy, never } = shape;
  const expr = shape.expr.replaceAll("%", `job="${name}"`);
  const rule = { expr, labels: {}, forMs: 1000, keepFiringMs: 0, everyMs: 1000 };
  return {
    ...{ name, labels, question: { alert: name, at: 0, rules: [rule] } },
    kind: { rules: never === undefined ? [{ alert: name, expr, for: "1s" }] : [], world: worldOf(ending) },
    isOver:
      never === undefined &&
      (end === "recovers" ||
        (end === "vanishes" && absentWhenQuiet === true) ||
        (end === "loses" && isLazy === true)),
    ...(never && { never }),
  };
};

/** The first 65 show that a target that is down verifies nothing. The later ones lose one of their sides instead, where they have two. */
const endsOf = (number: string, shape: Shape): End[] => {
  if (shape.never !== undefined) return ["recovers"];
  const isOneSided = linesAfter("loses", shape).length === 0;
  return Number(number) > 65
    ? ["recovers", isOneSided ? "vanishes" : "loses", "idles"]
    : ["recovers", "vanishes", "dies", "idles", ...(shape.isLazy ? (["loses"] as const) : [])];
};

export const playedShapes: PlayedShape[] = Object.entries(shapes).flatMap(([number, shape]) => {
  const possible = endsOf(number, shape);
  return possible
    .filter((end) => end !== "idles" || shape.idle !== undefined)
    .map((end) => playedShape({ name: `shape${number}${end}`, end, shape }));
});
