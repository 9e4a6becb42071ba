import type { ListedChange } from "../../../git/model.ts";
import type { Commit } from "../../../ports/history.ts";
import type { Service } from "../../../ports/service.ts";
import type { Github } from "../api/repository.ts";
import { maxFiles, readCommit } from "../git/commits.ts";
import { compare } from "../git/compare.ts";

const maxPatch = 200_000;

/** The change with the files that it touched: one call. GitHub lists those of a merge against its first parent. */
export const withFiles = async (github: Github, service: Service, change: Commit): Promise<Commit> => {
  if (change.base !== undefined) return ofSeries(github, service, { ...change, base: change.base });
  const { paths, removed, patch, files } = await readCommit(github, service, change.sha);
  return {
    ...{ ...change, paths },
    ...(removed && { removed }),
    ...(patch !== undefined && { patch }),
    ...(files && { files }),
  };
};

/** The files that several commits of the branch's own line changed together. */
const ofSeries = async (
  github: Github,
  service: Service,
  change: Commit & { base: string },
): Promise<Commit> => {
  const { files } = await compare(github, service, { base: change.base, head: change.sha });
  const changes = files.map(
    ({ previous, ...file }): ListedChange => ({ ...file, ...(previous && { previous }) }),
  );
  const patch = changes.flatMap(({ path, patch }) => (patch ? `--- ${path}\n${patch}` : [])).join("\n");
  return {
    ...change,
    paths: [...new Set(changes.flatMap(({ path, previous }) => (previous ? [path, previous] : [path])))],
    removed: changes.flatMap(({ status, path, previous }) =>
      status === "removed" ? [path] : status === "renamed" && previous ? [previous] : [],
    ),
    ...(patch !== "" && { patch: patch.slice(0, maxPatch) }),
    ...(changes.length < maxFiles && { files: changes }),
  };
};
