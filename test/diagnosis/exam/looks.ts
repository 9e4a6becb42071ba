/** The log of looks: every run by which somebody improved the evidence is an entry, for a set that is looked at often foretells little. */
import { appendFile, readFile } from "node:fs/promises";
import { git } from "../../../infra/host/git.ts";
import type { Seeds } from "./authors/index.ts";
import type { Figures, Share } from "./score.ts";

const folder = import.meta.dirname;
const log = `${folder}/looks.jsonl`;

/** `isShown`: cases were shown, not only counts. */
export type Look = {
  date: string;
  commit: string;
  why: string;
  seeds: Seeds;
  isShown: boolean;
  figures: Record<string, { [figure: string]: string | number }>;
};

const told = ([count, of]: Share): string => `${count}/${of}`;
const entryOf = ({ right, first, firstTwo, none, convicted, pairs, error }: Figures) => ({
  ...{ right: told(right), first: told(first), firstTwo: told(firstTwo), none: told(none) },
  ...{ convicted: told(convicted), pairs: told(pairs), error: Math.round(error * 1000) / 1000 },
});

export const readLooks = async (): Promise<Look[]> => {
  const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line): Look => JSON.parse(line));
};

/** Appends a look. Its commit ends with `+` when files of the checkout differ from it. */
export const appendLook = async (
  look: Pick<Look, "date" | "why" | "seeds" | "isShown">,
  figures: Map<string, Figures>,
): Promise<void> => {
  const commit = await git(folder, ["describe", "--always", "--dirty=+"]);
  const entry: Look = {
    ...{ date: look.date, commit, why: look.why, seeds: look.seeds, isShown: look.isShown },
    figures: Object.fromEntries([...figures].map(([origin, of]) => [origin, entryOf(of)])),
  };
  await appendFile(log, `${JSON.stringify(entry)}\n`);
};

/** How often these seeds were looked at, as a sentence. */
export const looksTold = (looks: Look[], [from, to]: Seeds): string => {
  const of = looks.filter(({ seeds }) => seeds[0] < to && seeds[1] > from);
  const shown = of.filter(({ isShown }) => isShown).length;
  return `Seeds ${from} to ${to - 1} were looked at ${of.length} times before, ${shown} of them with their cases.`;
};
