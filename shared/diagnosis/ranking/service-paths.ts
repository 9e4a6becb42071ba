import type { Commit } from "../../ports/history.ts";

const within = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);

/** The paths of a commit that are the service's. */
export const ownPaths = ({ paths }: Pick<Commit, "paths">, servicePaths: string[]): string[] =>
  servicePaths.length === 0
    ? []
    : paths.filter((path) => servicePaths.some((prefix) => within(path, prefix)));

export const touches = ({ commit }: { commit: Pick<Commit, "paths"> }, servicePaths: string[]): boolean =>
  ownPaths(commit, servicePaths).length > 0;
