import type { FileChange } from "../../../git/model.ts";
import type { Commit } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import type { Selection } from "../../../ports/trees.ts";
import { inParallel } from "../api/cache.ts";
import { ask, unlessMissing } from "../api/call.ts";
import { type Github, isSha, repoOf } from "../api/repository.ts";
import { textOf } from "../api/text.ts";
import { readCommit } from "../git/commits.ts";
import { readBlob } from "../git/trees.ts";
import { readSides } from "../history/change.ts";

const parallel = 10;
/** People and bots write no configuration file longer than this. */
const maxBytes = 512 * 1024;

export const texts = async (
  github: Github,
  service: Service,
  { sha, wanted, limit }: Selection & { sha: string },
): Promise<FileChange[]> => {
  const commit = await readCommit(github, service, sha);
  const paths = commit.paths.filter(wanted).slice(0, limit);
  if (paths.length === 0 || commit.parents.length === 0) return [];
  const { base, theirs } = await readSides(github, service, { commit });
  const text = async (entry: { mode: string; sha: string; size?: number } | undefined) => {
    if (!entry?.mode.startsWith("100") || (entry.size ?? 0) > maxBytes) return undefined;
    return textOf(await readBlob(github, service, entry.sha));
  };
  return inParallel(parallel, paths, async (path) => {
    const [before, after] = await Promise.all([text(theirs.get(path)), text(base.get(path))]);
    return { path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
  });
};

export const find = async (github: Github, service: Service, name: string): Promise<Commit | undefined> => {
  if (isSha(name)) return unlessMissing(readCommit(github, service, name));
  const found = await unlessMissing(
    ask(`find ${name} of ${service.repository}`, () =>
      github.octokit.repos.getCommit({ ...repoOf(service), ref: name, per_page: 1 }),
    ),
  );
  // A branch can have the name of an id.
  if (!found || !(name.startsWith("tags/") || found.sha.startsWith(name))) return undefined;
  return readCommit(github, service, found.sha);
};

export const between = async (
  github: Github,
  service: Service,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<Commit[]> => {
  const basehead = `${from}...${to}`;
  const page = (page: number) =>
    ask(`compare ${basehead} of ${service.repository}`, () =>
      github.octokit.repos.compareCommitsWithBasehead({
        ...repoOf(service),
        basehead,
        per_page: pageSize,
        page,
      }),
    );
  const { commits, ahead_by } = await page(1);
  const last = Math.ceil(ahead_by / pageSize);
  // The oldest come first.
  if (last > 1) commits.push(...(await page(last)).commits);
  const newest = commits.slice(-limit).toReversed();
  const read = await inParallel(parallel, newest, ({ sha }) => readCommit(github, service, sha));
  return read.filter(({ paths }) => touches(paths, service.paths));
};
/** GitHub lists no more commits of a comparison at once. */
const pageSize = 250;

const touches = (paths: string[], prefixes: string[]): boolean =>
  prefixes.length === 0 ||
  paths.some((path) =>
    prefixes
      .map((prefix) => prefix.replace(/\/+$/, ""))
      .some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
  );
