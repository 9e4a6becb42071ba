/** Incidents by three authors, each of whom had read the form of a case and nothing of the diagnosis. */
import { readForm } from "../../../../infra/train/case-format.ts";
import type { Incident } from "../score.ts";
import * as commerce from "./commerce/index.ts";
import * as platform from "./platform/index.ts";
import * as workspace from "./workspace/index.ts";

/** Seeds from the first up to the second, which is not among them. */
export type Seeds = readonly [from: number, to: number];

type Commit = { sha: string; at: number; files: readonly string[]; patch: string };
type At = { at: number };
/** A case as an author writes it. */
export type Written = At & {
  id: string;
  candidates: readonly Commit[];
  deploys?: readonly (At & { service: string; sha: string })[];
  logs?: readonly At[];
  flags?: readonly At[];
  series?: readonly { points: readonly (readonly [at: number, value: number | null])[] }[];
  culprit: string | null;
};
/** The same trouble twice: once a change did it, once that change is not there and no change did it. */
export type Author = {
  pairOf: (seed: number) => { story: string; guilty: Written; twin: Written };
  stories: readonly string[];
};

export const authors: Record<"workspace" | "commerce" | "platform", Author> = {
  workspace,
  commerce,
  platform,
};
/** The share of guilty changes in the latest deploy that the authors were asked for. */
export const latest = 0.6;

export function* incidentsBy({ pairOf }: Author, [from, to]: Seeds): Generator<Incident> {
  for (let pair = from; pair < to; pair++) {
    const { story, guilty, twin } = pairOf(pair);
    for (const { culprit, ...form } of [guilty, twin]) {
      const { id, given } = readForm(form);
      yield { name: id, story, given, culprit: culprit ?? undefined, pair };
    }
  }
}
