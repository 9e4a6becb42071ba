import type { Candidate } from "../ranking/candidate.ts";
import type { Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";

/** Which candidates hold each of the symptom's strings, as rarity: one of many tells little. */
const weighed = (
  pick: (window: Window) => string[],
  hold: (candidate: Candidate, text: string) => boolean,
) => {
  const table = perWindow((window) => {
    const totals = new Float64Array(window.candidates.length);
    for (const text of pick(window)) {
      const holders = window.candidates.filter((candidate) => hold(candidate, text));
      for (const { rank } of holders) totals[rank] = (totals[rank] ?? 0) + Math.log(1 + 50 / holders.length);
    }
    return totals;
  });
  return (({ rank }, window) => Math.log1p(table(window)[rank] ?? 0)) satisfies Feature;
};

const identifiers = weighed(
  ({ symptom }) => symptom.identifiers,
  ({ text }, word) => text.includes(word),
);
const identifiersInPatch = weighed(
  ({ symptom }) => symptom.identifiers,
  ({ full, text }, word) => full.length > text.length && full.includes(word, text.length),
);
const numbers = weighed(
  ({ symptom }) => symptom.numbers,
  ({ full }, text) => full.includes(text),
);
const files = weighed(
  ({ symptom }) => symptom.files,
  ({ paths }, text) => `${paths}\n`.includes(`${text}\n`),
);
const fileMentioned = weighed(
  ({ symptom }) => symptom.files,
  ({ full }, text) => full.includes(text),
);
const compounds = weighed(
  ({ symptom }) => symptom.compounds,
  ({ squashed }, text) => squashed.includes(text),
);
/** Words of the alert inside longer words of the change: `ldap` in `nslcd_ldapauth`. */
const insidePaths = weighed(
  ({ symptom }) => [...symptom.words.keys()].filter((word) => word.length > 3).slice(0, 60),
  ({ paths }, text) => paths.includes(text),
);
const insideTitle = weighed(
  ({ symptom }) => [...symptom.words.keys()].filter((word) => word.length > 3).slice(0, 60),
  ({ title }, text) => title.includes(text),
);
/** Names of its own files, or folders, that the alert says. */
const ownFileSaid: Feature = ({ commit }, { symptom }) => {
  const alertText = symptom.text.toLowerCase();
  return commit.paths.some((path) => {
    const name = path
      .slice(path.lastIndexOf("/") + 1)
      .replace(/\.[^.]*$/, "")
      .toLowerCase();
    return name.length > 3 && alertText.includes(name);
  })
    ? 1
    : 0;
};
const titleWordsSaid: Feature = ({ commit, hits }) => {
  const words = commit.title.split(/\s+/).length;
  return hits.title.length / Math.max(3, words);
};

export const names = {
  identifiers,
  identifiersInPatch,
  numbers,
  files,
  fileMentioned,
  compounds,
  insidePaths,
  insideTitle,
  ownFileSaid,
  titleWordsSaid,
} satisfies Record<string, Feature>;
