import type { Case } from "../../../shared/diagnosis/model.ts";
import type { Commit } from "../../../shared/ports/history.ts";

/**
 * Names commits of a case by form alone; several are a tie, and none leaves the case out. `granted`: the share in which it may be right
 * in ordinary life for a reason that is not form.
 */
export type Ranker = { name: string; named: (given: Case) => string[]; granted?: number };

/** In ordinary life the alert and the change speak of the same thing that often. It is an assumption, made before any set was measured. */
const sharedWords = 1 / 3;
/** Where no deploy is on record, so many of the newest commits stand for the latest one. */
const newestInstead = 5;

type Deploy = Case["deploys"][number];

/** The commits that a deploy brought, as far as the case tells; else its own commit alone. */
const broughtBy = ({ commits, deploys }: Case, deploy: Deploy): string[] => {
  const placeOf = (sha: string): number => commits.findIndex((commit) => commit.sha === sha);
  const newest = placeOf(deploy.sha);
  if (newest < 0) return [];
  const before = deploys
    .filter(({ service, at }) => service === deploy.service && at < deploy.at)
    .toSorted((a, b) => b.at - a.at)[0];
  if (before === undefined) return [deploy.sha];
  const older = placeOf(before.sha);
  const brought = commits.slice(newest, older < 0 ? commits.length : older);
  const own = brought.filter(({ paths = [] }) => paths.some((path) => path.includes(deploy.service)));
  const named = own.length > 0 ? own : brought;
  return named.length > 0 ? named.map(({ sha }) => sha) : [deploy.sha];
};

const past = ({ deploys, onsetAt }: Case): Deploy[] =>
  deploys.filter(({ at }) => at <= onsetAt).toSorted((a, b) => a.at - b.at);

/** The commits of the latest deploy before the alert, of any service. */
export const latestDeploy = (given: Case): string[] => {
  if (given.deploys.length === 0)
    return newestFirst(given)
      .slice(0, newestInstead)
      .map(({ sha }) => sha);
  const deploy = past(given).at(-1);
  return deploy === undefined ? [] : broughtBy(given, deploy);
};

/** The commits of the first deploy on record that is one of a candidate. */
const firstDeploy = (given: Case): string[] =>
  past(given)
    .map((deploy) => broughtBy(given, deploy))
    .find((brought) => brought.length > 0) ?? [];

const newestFirst = ({ commits }: Case): Commit[] => commits.toSorted((a, b) => b.at - a.at);

/** The commits that are worth most, unless that is 0. */
const most =
  (worth: (commit: Commit) => number) =>
  ({ commits }: Case): string[] => {
    const valued = commits.map((commit) => ({ sha: commit.sha, value: worth(commit) }));
    const best = Math.max(...valued.map(({ value }) => value));
    return best <= 0 ? [] : valued.filter(({ value }) => value === best).map(({ sha }) => sha);
  };

const titled =
  (words: RegExp) =>
  ({ commits }: Case): string[] =>
    commits.filter(({ title }) => words.test(title)).map(({ sha }) => sha);

const changed = /^[+-](?!\+\+ |-- )/;
const linesOf = ({ patch = "" }: Commit, isWanted: (line: string) => boolean): string[] =>
  patch.split("\n").filter(isWanted);
const changedLines = (commit: Commit): string[] => linesOf(commit, (line) => changed.test(line));
const contextLines = (commit: Commit): string[] => linesOf(commit, (line) => line.startsWith(" "));

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase()
      .match(/[a-z]{3,}/g) ?? [],
  );
const alertWords = ({ alerts }: Case): Set<string> =>
  wordsOf(alerts.map(({ name, annotations }) => [name, ...Object.values(annotations)].join(" ")).join(" "));
const mostShared =
  (textOf: (commit: Commit) => string) =>
  (given: Case): string[] => {
    const words = alertWords(given);
    return most((commit) => wordsOf(textOf(commit)).intersection(words).size)(given);
  };

/** The ranker whose hits are a base rate. */
export const latestName = "latest deploy";
export const rankers: Ranker[] = [
  { name: "first deploy", named: firstDeploy },
  { name: latestName, named: (given) => (given.deploys.length === 0 ? [] : latestDeploy(given)) },
  {
    name: "newest commit",
    named: (given) =>
      newestFirst(given)
        .slice(0, 1)
        .map(({ sha }) => sha),
  },
  {
    name: "oldest commit",
    named: (given) =>
      newestFirst(given)
        .slice(-1)
        .map(({ sha }) => sha),
  },
  { name: "most files", named: most(({ paths = [] }) => paths.length) },
  { name: "fewest files", named: most(({ paths = [] }) => 1 / Math.max(1, paths.length)) },
  { name: "most changed lines", named: most((commit) => changedLines(commit).length) },
  { name: "fewest changed lines", named: most((commit) => 1 / Math.max(1, changedLines(commit).length)) },
  { name: "refactor title", named: titled(/refactor|clean ?up|tidy|simplif|extract|rename|move /i) },
  { name: "feature title", named: titled(/^feat|\b(add|introduce|support|allow|enable|offer|show)\b/i) },
  {
    name: "words of the alert in the title",
    named: mostShared(({ title }) => title),
    granted: sharedWords,
  },
  {
    name: "words of the alert in changed lines",
    named: mostShared((commit) => changedLines(commit).join("\n")),
    granted: sharedWords,
  },
  {
    name: "words of the alert in context lines",
    named: mostShared((commit) => contextLines(commit).join("\n")),
    granted: sharedWords,
  },
];
