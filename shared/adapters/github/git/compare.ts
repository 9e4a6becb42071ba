import { createHash } from "node:crypto";
import type { Tree } from "../../../git/model.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import type { Comparison } from "../api/repository.ts";
import { type Github, isSha, never, repoOf } from "../api/repository.ts";
import { listed, maxFiles } from "./commits.ts";
import { differingPaths } from "./folders.ts";
import { isLarge, readTree } from "./trees.ts";

export const compare = (
  github: Github,
  service: Service,
  { base, head }: { base: string; head: string },
): Promise<Comparison> => {
  const read = async () => {
    const what = `compare ${base}...${head} of ${service.repository}`;
    const basehead = `${base}...${head}`;
    const data = await ask(what, () =>
      github.octokit.repos.compareCommitsWithBasehead({ ...repoOf(service), basehead, per_page: 1 }),
    );
    const files = listed(data.files ?? []).map(({ sha = "", previous = "", ...file }) => ({
      ...file,
      ...{ sha, previous },
    }));
    return { status: data.status, mergeBase: data.merge_base_commit.sha, files };
  };
  if (!isSha(base) || !isSha(head)) return read();
  return github.comparisons.read(`${service.repository} ${base} ${head}`, read);
};

/** The digest that an approval binds: every path with its status, content and former name. */
export const digest = ({ files }: Comparison, where: string): string => {
  if (files.length >= maxFiles)
    throw never(`${where}: it changes ${maxFiles} files or more, and GitHub lists no more`);
  const lines = files.map(({ path, status, sha, previous }) => [path, status, sha, previous].join("\0"));
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
};

export const pathsOf = ({ files }: Comparison): string[] => [
  ...new Set(files.flatMap(({ path, previous }) => (previous ? [path, previous] : [path]))),
];

export const contains = async (
  github: Github,
  service: Service,
  { ancestor, descendant }: { ancestor: string; descendant: string },
): Promise<boolean> => {
  if (ancestor === descendant) return true;
  const { status } = await compare(github, service, { base: ancestor, head: descendant });
  return status === "ahead" || status === "identical";
};

export const changedPaths = async (
  github: Github,
  service: Service,
  { from, to }: { from: string; to: string },
): Promise<string[]> => {
  if (from === to) return [];
  const comparison = await compare(github, service, { base: from, head: to });
  if (comparison.files.length < maxFiles) return pathsOf(comparison);
  const [before, after] = await bothTrees(github, service, [comparison.mergeBase, to]);
  if (before === undefined || after === undefined)
    return differingPaths(github, service, [comparison.mergeBase, to]);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) =>
      before.get(path)?.sha !== after.get(path)?.sha || before.get(path)?.mode !== after.get(path)?.mode,
  );
};

/** Both trees whole; none where GitHub does not list them so. */
const bothTrees = async (
  github: Github,
  service: Service,
  names: [string, string],
): Promise<(Tree | undefined)[]> => {
  try {
    return await Promise.all(names.map((name) => readTree(github, service, { name })));
  } catch (error) {
    if (isLarge(github, service)) return [];
    throw error;
  }
};
