import { ciPath, configPath, docsPath, isInert, lockPath, migrationPath, testPath } from "../file-kinds.ts";
import type { Feature } from "./feature.ts";

const every =
  (pattern: RegExp): Feature =>
  ({ commit: { paths } }) =>
    paths.length > 0 && paths.every((path) => pattern.test(path)) ? 1 : 0;
const some =
  (pattern: RegExp): Feature =>
  ({ commit: { paths } }) =>
    paths.some((path) => pattern.test(path)) ? 1 : 0;
const titled =
  (pattern: RegExp): Feature =>
  ({ commit: { title } }) =>
    pattern.test(title) ? 1 : 0;

const inert: Feature = ({ commit: { paths } }) => (isInert(paths) ? 1 : 0);

export const kind = {
  inert,
  docsOnly: every(docsPath),
  testsOnly: every(testPath),
  ciOnly: every(ciPath),
  configOnly: every(configPath),
  config: some(configPath),
  dependency: some(lockPath),
  migration: some(migrationPath),
  bump: titled(/\b(bump|upgrade|update|roll)\b.*(\d|\bto\b|deps|version)|^roll /i),
  image: titled(/\b(image|tag|release|version)\b/i),
  merge: ({ commit }) => (commit.parents.length > 1 || /^merge /i.test(commit.title) ? 1 : 0),
  fix: titled(/\b(fix(e[sd])?|typo|correct|repair|hotfix|follow.?up)\b/i),
  adds: titled(/\b(add(s|ed)?|introduce|create|new|implement|support)\b/i),
  removes: titled(/\b(remov\w*|delet\w*|drop\w*|clean\w*|unused|deprecat\w*)\b/i),
  enables: titled(/\b(enabl\w*|disabl\w*|turn|switch|activat\w*|flag|rollout|default)\b/i),
  moves: titled(
    /\b(migrat\w*|mov(e[sd]?|ing)|refactor\w*|renam\w*|replac\w*|convert\w*|rewrit\w*|use[sd]?)\b/i,
  ),
  bounds: titled(
    /\b(increas\w*|decreas\w*|limit|timeout|rais\w*|lower|reduc\w*|memory|cpu|replicas?|pool)\b/i,
  ),
  trial: titled(/\b(try|test|temporar\w*|experiment\w*|debug|attempt|again|wip)\b/i),
  noFiles: ({ commit }) => (commit.paths.length === 0 ? 1 : 0),
  manyFiles: ({ commit }) => Math.log1p(commit.paths.length),
} satisfies Record<string, Feature>;
