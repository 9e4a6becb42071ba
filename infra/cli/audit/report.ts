import type { Head } from "../../../shared/incident/chain/link.ts";

/** One thing that is not as it was written, in the words of its source. */
export type Broken = { place: string; n?: number; detail: string };
/** The part of an incident's record that one source has. `before`: facts of a version that kept no chain. */
export type Part = {
  incident: string;
  facts: number;
  before?: number;
  head?: Head;
  told?: { n: number; at: string; type: string; by?: string }[];
};
/** A source that was walked. `notes` are facts about it that break nothing. */
export type Source = {
  source: "pull" | "store" | "clone";
  name: string;
  parts: Part[];
  broken: Broken[];
  notes: string[];
  /** Hashes by number, to compare sources with each other. */
  known: { incident: string; n: number; hash: string; place: string }[];
};

/** Facts that two sources tell differently. */
export const differences = (sources: Source[]): Broken[] => {
  const seen = new Map<string, Source["known"][number]>();
  return sources
    .flatMap(({ known }) => known)
    .flatMap((one) => {
      const key = `${one.incident} ${one.n}`;
      const before = seen.get(key);
      if (before === undefined) seen.set(key, one);
      if (before === undefined || before.hash === one.hash) return [];
      return [
        {
          place: one.place,
          n: one.n,
          detail: `it is another fact of ${one.incident} than in ${before.place}`,
        },
      ];
    });
};

export const asJson = (sources: Source[], broken: Broken[]): string =>
  `${JSON.stringify({
    holds: broken.length === 0,
    sources: sources.map(({ source, name, parts, notes }) => ({ source, name, incidents: parts, notes })),
    broken,
  })}\n`;

export const asText = (sources: Source[], broken: Broken[]): string =>
  [
    ...sources.flatMap(({ name, parts, notes }) => [
      `${name}:`,
      ...parts.flatMap(partLines),
      ...notes.map((note) => `  ${note}`),
    ]),
    ...broken.map(
      ({ place, n, detail }) => `broken: ${place}${n === undefined ? "" : `, fact ${n}`}: ${detail}`,
    ),
    broken.length === 0 ? "the record holds" : "the record does not hold",
    "",
  ].join("\n");

const partLines = ({ incident, facts, before = 0, head, told = [] }: Part): string[] => [
  `  ${incident}: ${facts === 1 ? "1 fact" : `${facts} facts`}${head === undefined ? "" : `, the last one ${head.n}, ${head.hash}`}`,
  ...(before === 0
    ? []
    : [`  ${before} facts before them are of a version that kept no chain: nothing can be told about them`]),
  ...told.map(({ n, at, type, by }) => `    ${n} ${at} ${type}${by === undefined ? "" : ` by ${by}`}`),
];
