import type { ListedChange } from "../../git/model.ts";
import { type Guard, reasonFor, reasonForLines } from "../../policy/guarded-paths.ts";
import { majorMove } from "./major-versions.ts";

export const lockFile =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|go\.sum|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|gradle\.lockfile|flake\.lock|Chart\.lock)$/;

/** Files in which a project says what it depends on. */
const manifest =
  /(^|\/)(package\.json|go\.mod|Cargo\.toml|pyproject\.toml|requirements[\w.-]*\.txt|setup\.(py|cfg)|Pipfile|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|[\w.-]+\.csproj|Directory\.Packages\.props|mix\.exs|pubspec\.yaml|Chart\.yaml)$/;

/** More files than a person reads in a hurry. */
const maxFiles = 50;

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
    const reason = reasonFor(path) ?? guardOfLines(path, byPath.get(path));
    return reason === undefined ? [] : [{ path, reason }];
  });
  if (paths.length > maxFiles) found.push({ reason: `it touches ${paths.length} files` });
  return found;
};

const guardOfLines = (path: string, change: ListedChange | undefined): string | undefined => {
  if (change?.patch === undefined)
    return change && manifest.test(path) ? "GitHub shows no diff of it: it may move a dependency" : undefined;
  const lines = change.patch.split("\n").filter((line) => /^[-+]/.test(line));
  if (lines.some((line) => /^[-+]Subproject commit /.test(line)))
    return "it is a submodule: another repository's commit";
  if (lines.some((line) => secret.test(line))) return "it holds encrypted values: old secrets may be revoked";
  if (versioned.test(path) && lines.some((line) => ownVersion.test(line)))
    return "it takes the project's own version back, which may be released";
  if (lines.some((line) => engine.test(line)))
    return "it moves the version of a database's engine, which may not go back";
  const object = reasonForLines(change.patch);
  if (object !== undefined) return object;
  const moved = manifest.test(path) ? majorMove(lines) : undefined;
  return moved && `it moves ${moved} across a major version`;
};

/** Pulumi's and Travis' `secure:`, SOPS' values, a SealedSecret's. */
const secret = /^[-+]\s*(-\s*)?["']?secure["']?\s*:|\bENC\[AES256_GCM,|^[-+]\s*encryptedData\s*:/;

/** Files in which a project says its own version, and the lines that do. */
const versioned = /(^|\/)(package\.json|Cargo\.toml|pyproject\.toml|setup\.cfg|VERSION|version\.txt)$/;
const ownVersion = /^[-+](\s{0,4}"version"\s*:|version\s*=|v?\d+\.\d+\.\d+\S*\s*$)/;

/** RDS, ElastiCache, OpenSearch in Terraform and CloudFormation: an upgraded engine is not downgraded in place. */
const engine = /^[-+]\s*["']?(engine_version|EngineVersion)["']?\s*[=:]/;

const migrations = /^(?:.*\/)?(?:migrations?|migrate|flyway|liquibase|alembic\/versions)\//i;

/** Migrations that go back although others came after them. */
export const laterMigrations = (edits: { path: string }[], since: ListedChange[] = []): Guard[] => {
  const own = new Set(edits.map(({ path }) => path));
  return edits.flatMap(({ path }): Guard[] => {
    const folder = migrations.exec(path)?.[0];
    const later = since.find(
      (change) =>
        change.status === "added" && !own.has(change.path) && migrations.exec(change.path)?.[0] === folder,
    );
    return folder === undefined || later === undefined
      ? []
      : [{ path, reason: `a later migration may need it: ${later.path}` }];
  });
};

/** A commit that was picked from another branch stays there. */
export const pickedFrom = (messages: string[]): Guard[] =>
  messages.flatMap((message) =>
    [...message.matchAll(/^\(cherry picked from commit ([0-9a-f]{7,40})\)$/gm)].map(([, sha = ""]) => ({
      reason: `it was picked from ${sha.slice(0, 12)}, which stays where it is`,
    })),
  );
