import { amounts } from "../../text/format.ts";

type Points = [number, number][];
type Compared = { query: string; threshold: number; above: boolean };

/** The value of an alert at its worst before the fix was live and its value now, beside its threshold. */
export type Figures = Compared & { before: number; now: number };

/** A move of less than this share of the former value is none. */
const least = 0.2;

/** The figures of the series that is worst now; undefined where one of the two values is not known. `now`: older values are not of now. */
export const figuresIn = (
  series: Points[],
  compared: Compared,
  { liveAt, now }: { liveAt: number; now: number },
): Figures | undefined => {
  const found = series.flatMap((points) => {
    const known = points.filter(([, value]) => Number.isFinite(value));
    const before = known.filter(([at]) => at <= liveAt).map(([, value]) => value);
    const last = known.at(-1);
    if (before.length === 0 || last === undefined || last[0] < now) return [];
    return [{ ...compared, before: worst(before, compared), now: last[1] }];
  });
  return found.find(
    (one) =>
      one.now ===
      worst(
        found.map((each) => each.now),
        compared,
      ),
  );
};

const worst = (values: number[], { above }: Compared): number =>
  above ? Math.max(...values) : Math.min(...values);

/** The finding in words, such as “30 % → 8 %, threshold 5 %, better but not over”. */
export const figuresText = (figures: Figures): string => {
  const { query, before, now, threshold } = figures;
  // A quotient, and a metric that is called a ratio, is a share.
  const unlabelled = query.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, "");
  const metric = /\/|ratio|share|fraction/.test(unlabelled) ? "the alert's ratio" : "the alert's value";
  const [was, is] = amounts([before, now], metric);
  const [bar] = amounts([threshold, threshold], metric);
  return [`${was} → ${is}, threshold ${bar}`, ...finding(figures)].join(", ");
};

/** Whether the value is still on the bad side of its threshold. */
export const isBad = ({ now, threshold, above }: Figures): boolean =>
  above ? now > threshold : now < threshold;

/** The figures alone show that a value is no longer bad. */
const finding = (figures: Figures): string[] => {
  if (!isBad(figures)) return [];
  if (isBetter(figures)) return ["better but not over"];
  return [worsening(figures) >= least ? "worse than before" : "as before"];
};

/** The move in the bad direction, as a share of the value before. */
const worsening = ({ before, now, above }: Figures): number =>
  (above ? now - before : before - now) / Math.max(Math.abs(before), Number.EPSILON);

export const isBetter = (figures: Figures): boolean => worsening(figures) <= -least;

/** Whether two findings differ by their numbers alone. */
export const isSameFinding = (a: string, b: string): boolean => shape(a) === shape(b);
const shape = (text: string): string => text.replace(/\d[\d.]*/g, "#");
