import type { ListedChange } from "../../git/model.ts";
import { majorMove } from "./major-versions.ts";

const lockFile =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.sum|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|gradle\.lockfile|flake\.lock|Chart\.lock)$/;

/** Files in which a project says what it depends on. */
const manifest =
  /(^|\/)(package\.json|go\.mod|Cargo\.toml|pyproject\.toml|requirements[\w.-]*\.txt|setup\.(py|cfg)|Pipfile|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|[\w.-]+\.csproj|Directory\.Packages\.props|mix\.exs|pubspec\.yaml|Chart\.yaml)$/;

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

/** More files than a person reads in a hurry. */
const maxFiles = 50;

/** Why a person must look; about all files when it names none. */
export type Guard = { path?: string; reason: string };

/**
 * The touched files that need a person whatever the policy says, each with why. `changes` is what the change did to
 * them, for what only the lines tell.
 */
export const guardReasons = (edits: { path: string }[], changes: ListedChange[] = []): Guard[] => {
  const paths = edits.map(({ path }) => path);
  if (paths.length > 0 && paths.every((path) => lockFile.test(path)))
    return paths.map((path) => ({ path, reason: "only locked versions change" }));
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const found: Guard[] = paths.flatMap((path) => {
    const reason = guardOf(path) ?? guardOfLines(path, byPath.get(path));
    return reason === undefined ? [] : [{ path, reason }];
  });
  if (paths.length > maxFiles) found.push({ reason: `it touches ${paths.length} files` });
  return found;
};

const guardOf = (path: string): string | undefined => guarded.find(([pattern]) => pattern.test(path))?.[1];

const guardOfLines = (path: string, change: ListedChange | undefined): string | undefined => {
  if (change?.patch === undefined)
    return change && manifest.test(path) ? "GitHub shows no diff of it: it may move a dependency" : undefined;
  const lines = change.patch.split("\n").filter((line) => /^[-+]/.test(line));
  if (lines.some((line) => /^[-+]Subproject commit /.test(line)))
    return "it is a submodule: another repository's commit";
  if (lines.some((line) => secret.test(line))) return "it holds encrypted values: old secrets may be revoked";
  const moved = manifest.test(path) ? majorMove(lines) : undefined;
  return moved && `it moves ${moved} across a major version`;
};

/** Pulumi's and Travis' `secure:`, SOPS' values, a SealedSecret's. */
const secret = /^[-+]\s*(-\s*)?["']?secure["']?\s*:|\bENC\[AES256_GCM,|^[-+]\s*encryptedData\s*:/;
