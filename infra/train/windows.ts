import type { Case } from "../../shared/diagnosis/model.ts";
import { findOnset } from "../../shared/diagnosis/onset/onset.ts";
import type { Window } from "../../shared/diagnosis/ranking/window.ts";
import { row } from "../../shared/diagnosis/score.ts";
import { selectCandidates } from "../../shared/diagnosis/select-candidates.ts";
import { readCases } from "./read-cases.ts";

/** A window as the fit sees it: its rows, and the place of its culprit, or -1 where it was taken out. */
export type Seen = { window: Window; rows: Float64Array[]; chosen: number };
/** One case of the training set: as it is, without its changed lines, and without its culprit. */
export type Sample = { repo: string; kind: string; full: Seen; bare: Seen; free: Seen };

/** Every case of the files, with the changed lines of `patches` where it has none of its own. */
export const readSamples = async (files: string[], patches: Map<string, string>): Promise<Sample[]> => {
  const samples: Sample[] = [];
  for (const file of files)
    for await (const line of readCases(file)) {
      if ("problem" in line) throw new Error(`${file}:${line.number}: ${line.problem}`);
      const { raw, read } = line;
      const culprit = String(raw.culprit);
      const { commits } = read.given;
      const patched = commits.map((commit) => ({
        ...commit,
        patch: commit.patch ?? patches.get(commit.sha) ?? "",
      }));
      const bare = commits.map(({ patch: _, ...commit }) => commit);
      samples.push({
        repo: String(raw.repo),
        kind: read.given.servicePaths?.length ? "gitops" : String(raw.kind),
        full: see({ ...read.given, commits: patched }, culprit),
        bare: see({ ...read.given, commits: bare }, culprit),
        free: see({ ...read.given, commits: patched.filter(({ sha }) => sha !== culprit) }, culprit),
      });
    }
  return samples;
};

const see = (given: Case, culprit: string): Seen => {
  const { window } = selectCandidates(given, findOnset(given));
  return {
    window,
    rows: window.candidates.map((candidate) => row(candidate, window)),
    chosen: window.candidates.findIndex(({ commit }) => commit.sha === culprit),
  };
};
