export type Sample = { labels: Record<string, string>; value: number };

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
const escapes: Record<string, string> = { n: "\n" };

/** Reads Prometheus' text format; the metric's name is the label `__name__`. Throws on a line in another format. */
export const parseExposition = (text: string): Sample[] =>
  text
    .split("\n")
    .map((one) => one.trim())
    .filter((one) => one !== "" && !one.startsWith("#"))
    .map((one) => {
      const [, name, labels = "", value] = line.exec(one) ?? [];
      if (!name) throw new Error(`not a sample: ${one.slice(0, 200)}`);
      return { labels: { __name__: name, ...readLabels(labels) }, value: readNumber(value!) };
    });

const readLabels = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(label)].map(([, name, value]) => [
      name!,
      value!.replace(/\\(.)/g, (_, escaped: string) => escapes[escaped] ?? escaped),
    ]),
  );

const readNumber = (text: string): number => {
  const infinite = /^([+-]?)Inf$/.exec(text);
  return infinite ? Number(`${infinite[1]}Infinity`) : Number(text);
};
