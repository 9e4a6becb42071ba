import { existsSync, statSync } from "node:fs";
import type { Commit } from "../../../shared/ports/history.ts";
import { revertedIds } from "../../../shared/remedy/revert/revert-messages.ts";
import type { Known } from "../../train/read-cases.ts";
import { type Blobs, readBlobs, readLog, readPatch } from "./log.ts";

const maxHistory = 50_000;
const maxCases = 300;
/** Commits before a revert that it may have taken back. */
const window = 50;

/** The reverts of a repository's main line, each as the window before it with the commit that it took back. */
export async function* minedCases(directory: string, paths: string[]): AsyncGenerator<Known> {
  if (existsSync(directory) && !statSync(directory).isDirectory())
    throw new Error(`${directory} is not a folder`);
  const [log, blobs] = await Promise.all([
    readLog(directory, { limit: maxHistory }),
    readBlobs(directory, maxHistory),
  ]);
  const history = log.filter((commit) => concerns(commit, paths));
  const patches = new Map<string, string>();
  let mined = 0;
  for (const [at, revert] of history.entries()) {
    const before = history.slice(at + 1, at + 1 + window);
    const culprit = takenBack(revert, before) ?? undone(revert, before, blobs);
    if (culprit === undefined || mined++ >= maxCases) continue;
    for (const { sha } of before) if (!patches.has(sha)) patches.set(sha, await readPatch(directory, sha));
    const commits = before.map((commit) => ({
      ...commit,
      at: Math.min(commit.at, revert.at),
      patch: patches.get(commit.sha) ?? "",
    }));
    yield { group: directory, kind: "incident", culprit: culprit.sha, given: asOf(revert, culprit, commits) };
  }
}

const concerns = (commit: Commit, paths: string[]): boolean =>
  paths.length === 0 || commit.paths.some((path) => paths.some((prefix) => path.startsWith(prefix)));

/** The change that a revert took back: the commit or pull request that it names, or the commit whose title it quotes. */
export const takenBack = ({ title, message }: Commit, before: Commit[]): Commit | undefined => {
  const [id] = revertedIds(message);
  if (id !== undefined) return before.find(({ sha }) => sha.startsWith(id));
  const pull = /\breverts?:? (?:pull request )?(?:[\w.-]+\/[\w.-]+)?#(\d+)\b/i.exec(message)?.[1];
  if (pull !== undefined) {
    const landed = before.find((commit) => pullOf(commit) === pull);
    if (landed !== undefined) return landed;
  }
  const quoted = /^Revert[: ]+["“'](.+)["”'](?: \(#\d+\))?$/i.exec(title)?.[1];
  return quoted === undefined ? undefined : before.find((commit) => bare(commit.title) === bare(quoted));
};

/** The pull request that a commit came with, as squashing and merging name it. */
const pullOf = ({ title }: Commit): string | undefined =>
  (/ \(#(\d+)\)$/.exec(title) ?? /^Merge pull request #(\d+) /.exec(title))?.[1];

/** The newest commit that a later one undid in every file without saying so. Bringing a reverted change back does not count. */
const undone = ({ sha }: Commit, before: Commit[], blobs: Map<string, Blobs>): Commit | undefined => {
  const back = blobs.get(sha)?.back;
  if (back === undefined) return undefined;
  const found = before.find((commit) => blobs.get(commit.sha)?.made === back);
  return found === undefined || /^(revert|reland|reapply)\b/i.test(found.title) ? undefined : found;
};

const bare = (title: string): string => title.replace(/ \(#\d+\)$/, "").trim();

const asOf = (revert: Commit, culprit: Commit, commits: Commit[]): Known["given"] => ({
  service: "",
  alerts: [
    {
      ...{ fingerprint: revert.sha, name: "", status: "firing", labels: {}, startsAt: revert.at },
      annotations: { description: reason(revert, culprit) },
    },
  ],
  onsetAt: revert.at,
  commits,
  history: commits.map(({ sha }) => sha),
  deploys: [],
});

/** Why a revert was made, without what names the commit that it takes back. */
const reason = ({ message }: Commit, { title }: Commit): string =>
  message
    .split("\n")
    .slice(1)
    .filter(
      (line) =>
        !/^(this reverts|reverts? |change-id:|bug:|signed-off-by:|reviewed-|co-authored-by:)/i.test(
          line.trim(),
        ),
    )
    .join("\n")
    .replaceAll(bare(title), "")
    .replace(/\b[0-9a-f]{7,40}\b|#\d+|https?:\/\/\S+/g, "")
    .trim();
