import type { Played } from "../../ordinary/played.ts";
import { played } from "../../ordinary/played.ts";
import { caseOf } from "../../ordinary/weigh.ts";
import { afternoonsGuilty } from "./afternoons-guilty.ts";
import { afternoonsInnocent } from "./afternoons-innocent.ts";
import { blindGuilty } from "./blind-guilty.ts";
import { blindGuiltyLast } from "./blind-guilty-last.ts";
import { blindGuiltyMore } from "./blind-guilty-more.ts";
import { blindInnocent } from "./blind-innocent.ts";
import { eveningsGuilty } from "./evenings-guilty.ts";
import { eveningsInnocent } from "./evenings-innocent.ts";
import { fieldGuilty } from "./field-guilty.ts";
import { fieldGuiltyMore } from "./field-guilty-more.ts";
import { fieldInnocent } from "./field-innocent.ts";
import { guilty } from "./guilty.ts";
import { misleading } from "./guilty-misleading.ts";
import { guiltyMore } from "./guilty-more.ts";
import { innocent } from "./innocent.ts";
import { misleadingInnocent } from "./innocent-misleading.ts";
import { morningsGuilty } from "./mornings-guilty.ts";
import { morningsInnocent } from "./mornings-innocent.ts";
import { nightsGuilty } from "./nights-guilty.ts";
import { nightsGuiltyMore } from "./nights-guilty-more.ts";
import { nightsInnocent } from "./nights-innocent.ts";
import type { Plot } from "./plot.ts";
import { weekendsGuilty } from "./weekends-guilty.ts";
import { weekendsInnocent } from "./weekends-innocent.ts";

/** How the loop tells a plot. `right`: the guilty change is proposed, alone or with its deploy, or nothing where nobody is guilty. */
export type Tried = Plot & Played & { right: boolean; proposes?: string };

/** Plays every plot through the loop, one after the other. */
export const tried = async (): Promise<Tried[]> => {
  const all: Tried[] = [];
  for (const plot of [
    ...guilty,
    ...guiltyMore,
    ...misleading,
    ...innocent,
    ...misleadingInnocent,
    ...fieldGuilty,
    ...fieldGuiltyMore,
    ...fieldInnocent,
    ...nightsGuilty,
    ...nightsGuiltyMore,
    ...nightsInnocent,
    ...morningsGuilty,
    ...morningsInnocent,
    ...afternoonsGuilty,
    ...afternoonsInnocent,
    ...eveningsGuilty,
    ...eveningsInnocent,
    ...weekendsGuilty,
    ...weekendsInnocent,
    ...blindGuilty,
    ...blindGuiltyMore,
    ...blindGuiltyLast,
    ...blindInnocent,
  ])
    all.push(await tell(plot));
  return all;
};

const tell = async (plot: Plot): Promise<Tried> => {
  const result = await played(plot.given);
  const remedy = result.isProposed ? result.diagnosis.remedies[0] : undefined;
  const proposes = remedy?.kind === "revert" ? remedy.title : undefined;
  const reverted = remedy?.kind === "revert" ? titlesOf(plot, remedy) : [];
  const right = plot.guilty === undefined ? remedy === undefined : reverted.includes(plot.guilty);
  return { ...plot, ...result, right, ...(proposes !== undefined && { proposes }) };
};

/** The titles of the changes that a remedy takes back. */
const titlesOf = (plot: Plot, { sha, from }: { sha: string; from?: string }): string[] => {
  const { commits } = caseOf(plot.given);
  const newest = commits.findIndex((commit) => commit.sha === sha);
  const oldest = from === undefined ? newest + 1 : commits.findIndex((commit) => commit.sha === from);
  return commits.slice(newest, oldest).map(({ title }) => title);
};

/** The figures of the plots as a table, and those that were told wrongly. */
export const plotRows = (all: Tried[]): string => {
  const [guiltyOnes, innocentOnes] = [true, false].map((isGuilty) =>
    all.filter((one) => (one.guilty !== undefined) === isGuilty),
  ) as [Tried[], Tried[]];
  const row = (name: string, of: Tried[]): string => {
    const rights = of.filter(({ right }) => right).length;
    const innocents = of.filter(({ right, proposes }) => !right && proposes !== undefined).length;
    return `| ${name} | ${rights} / ${of.length} | ${innocents} |`;
  };
  const wrong = all
    .filter(({ right }) => !right)
    .map(
      ({ name, guilty: wanted = "nothing", proposes = "nothing" }) => `${name}: ${proposes}, not ${wanted}`,
    );
  return [
    "| plots of public outages | right | innocents proposed |\n|---|---:|---:|",
    row("a change did it", guiltyOnes),
    row("no change did it", innocentOnes),
    ...wrong,
  ].join("\n");
};
