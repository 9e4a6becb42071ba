const lockFile =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.sum|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|gradle\.lockfile|flake\.lock|Chart\.lock)$/;

/** Files whose revert acts on more than the code: the first pattern that matches tells why. */
const guarded: [RegExp, string][] = [
  [/^\.github\/(workflows|actions)\//, "it runs with the repository's secrets"],
  [
    /(^|\/)(\.gitlab-ci\.yml|Jenkinsfile|azure-pipelines\.ya?ml)$|^\.circleci\//,
    "it runs with the repository's secrets",
  ],
  [/^(\.github\/|docs\/)?CODEOWNERS$/, "it decides who must review"],
  [/(^|\/)\.gitmodules$/, "it decides what other repositories bring in"],
  [
    /(^|\/)(db\/)?migrat(e|ions?)\/|(^|\/)(flyway|liquibase|alembic)\/|\.(up|down)\.sql$|(^|\/)V\d[\w.]*__.*\.sql$/i,
    "data may have been migrated already",
  ],
  [/(^|\/)(schema\.(sql|rb|prisma|graphql)|structure\.sql)$/i, "data or clients may rely on the new schema"],
  [/\.(proto|avsc)$/, "data or clients may rely on the new schema"],
  [
    /(^|\/)crds?\/|(^|[/._-])(crds?|customresourcedefinitions?)([._-][^/]*)?\.ya?ml$/i,
    "objects of the new definition may be stored already",
  ],
  [
    /(^|\/)\.sops\.ya?ml$|\.(enc|sops)\.(ya?ml|json|env)$|(^|[/._-])sealed-?secrets?([._-][^/]*)?\.ya?ml$/i,
    "old secrets may be revoked",
  ],
];

/** Why a person must look at a revert that touches `path`, whatever the policy says. */
export const guardOf = (path: string): string | undefined =>
  guarded.find(([pattern]) => pattern.test(path))?.[1];

/** More files than a person reads in a hurry. */
const maxFiles = 50;

/** Why a person must look; about all files when it names none. */
export type Guard = { path?: string; reason: string };

/** The touched files that need a person, each with why. */
export function guardReasons(paths: string[]): Guard[] {
  if (paths.length > 0 && paths.every((path) => lockFile.test(path)))
    return paths.map((path) => ({ path, reason: "only locked versions change" }));
  const found: Guard[] = paths.flatMap((path) => {
    const reason = guardOf(path);
    return reason === undefined ? [] : [{ path, reason }];
  });
  if (paths.length > maxFiles) found.push({ reason: `it touches ${paths.length} files` });
  return found;
}

/** The touched files that need a person; lock files when nothing else is touched. */
export function guards(paths: string[]): string[] {
  if (paths.length > 0 && paths.every((path) => lockFile.test(path))) return paths;
  return paths.filter((path) => guardOf(path) !== undefined);
}
