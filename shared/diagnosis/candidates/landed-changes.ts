import { ancestorsOf } from "../../git/ancestry.ts";
import { firstParents } from "../../git/first-parents.ts";
import type { ListedCommit, ListedPull } from "../../ports/changes.ts";
import type { Commit, MergedPull } from "../../ports/history.ts";

/** GitHub writes all commits of a rebase within this time. */
const rebaseMs = 60_000;
const maxMessage = 20_000;

export type Listed = { commits: ListedCommit[]; pulls: ListedPull[]; branch: string };
/** A commit of the branch's own line, and those that it merged in. */
type Entry = { commit: ListedCommit; merged: ListedCommit[] };
type Walk = Listed & {
  graph: Map<string, ListedCommit>;
  merges: Map<string, ListedPull>;
  owned: Set<string>;
};

/**
 * Returns what landed up to `head`, newest first: each pull request once, with the messages of all its commits, and each direct push.
 * Their files are read later.
 */
export const landedChanges = (listed: Listed, head: string): Commit[] => {
  const graph = new Map(listed.commits.map((commit) => [commit.sha, commit]));
  const merges = new Map(listed.pulls.map((pull) => [pull.mergeSha, pull]));
  const entries = entriesOf({ ...listed, graph, merges, owned: new Set() }, head).toReversed();
  const changes: Commit[] = [];
  for (let index = 0; index < entries.length; ) {
    const [newest, ...older] = entries.slice(index);
    if (newest === undefined) break;
    const series = [newest, ...older.slice(0, rebasedBelow(newest, older, merges))];
    changes.push(landedChange(series, merges.get(newest.commit.sha)));
    index += series.length;
  }
  return changes;
};

/** Oldest first. A merge of the branch into itself (`git pull`) brings in what others landed: each of those is a change of its own. */
const entriesOf = (walk: Walk, tip: string): Entry[] =>
  firstParents(walk.commits, tip)
    .toReversed()
    .flatMap((commit) => {
      const { owned, graph } = walk;
      if (owned.has(commit.sha)) return [];
      const [, second] = commit.parents;
      if (second !== undefined && !walk.merges.has(commit.sha) && isSync(commit, walk.branch)) {
        const others = entriesOf(walk, second);
        owned.add(commit.sha);
        return others;
      }
      const inner = ancestorsOf(graph, commit.sha, owned);
      for (const sha of inner) owned.add(sha);
      inner.delete(commit.sha);
      return [{ commit, merged: [...inner].flatMap((sha) => graph.get(sha) ?? []) }];
    });

const isSync = ({ title }: ListedCommit, branch: string): boolean =>
  /^Merge (?:remote-tracking )?branch '(?:origin\/)?([^']+)'(?: of \S+)?(?: into .*)?$/.exec(title)?.[1] ===
  branch;

/** The number of commits below the newest one that belong to the same rebased pull request. */
const rebasedBelow = (newest: Entry, older: Entry[], merges: Map<string, ListedPull>): number => {
  const { commit: tip } = newest;
  if (!merges.has(tip.sha) || !isReplayed(tip) || /\(#\d+\)$/.test(tip.title)) return 0;
  const end = older.findIndex(({ commit }, index) => {
    const above = older[index - 1]?.commit ?? tip;
    const follows = above.parents[0] === commit.sha && Math.abs(tip.at - commit.at) <= rebaseMs;
    return !follows || !isReplayed(commit) || merges.has(commit.sha);
  });
  return end < 0 ? older.length : end;
};

/** Whether GitHub wrote the commit again, later than its author did. */
const isReplayed = ({ parents, writtenAt, at }: ListedCommit): boolean =>
  parents.length === 1 && writtenAt !== undefined && writtenAt !== at;

const landedChange = (series: Entry[], listed: ListedPull | undefined): Commit => {
  const parts = series.flatMap(({ commit, merged }) => [commit, ...merged]);
  const [landed] = parts as [ListedCommit, ...ListedCommit[]];
  const pull = listed ?? namedPull(landed);
  const base = series.length > 1 ? series.at(-1)?.commit.parents[0] : undefined;
  return {
    ...{ ...landed, paths: [], author: listed?.author ?? landed.author },
    ...(pull && { title: `${pull.title} (#${pull.number})`, pull: shown(pull) }),
    message: messageOf(parts, listed),
    ...(parts.length > 1 && { commits: parts.map(({ sha }) => sha) }),
    ...(base !== undefined && { base }),
  };
};

const shown = ({ number, title, url, labels }: MergedPull): MergedPull => ({ number, title, url, labels });

/** The pull request that a merge or a squash names in its message. */
const namedPull = ({ title, message, url }: ListedCommit): MergedPull | undefined => {
  const merged = /^Merge pull request #(\d+) from \S+\n+([^\n]+)/.exec(message);
  const squashed = /^(.+) \(#(\d+)\)$/.exec(title);
  const [number, name] = merged ? [merged[1], merged[2]] : [squashed?.[2], squashed?.[1]];
  if (number === undefined || name === undefined) return undefined;
  const address = url.replace(/\/commit\/\w+$/, `/pull/${number}`);
  return { number: Number(number), title: name.trim(), url: address, labels: [] };
};

/** The text of the pull request and the messages of all commits, each once. */
const messageOf = (parts: ListedCommit[], pull: ListedPull | undefined): string => {
  const said = pull === undefined ? [] : [pull.title, pull.body, pull.labels.join(" ")];
  const texts = [...said, ...parts.map(({ message }) => message)].filter((text) => text.trim() !== "");
  return [...new Set(texts)].join("\n\n").slice(0, maxMessage);
};
