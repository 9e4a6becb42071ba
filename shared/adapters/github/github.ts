import type { Accounts } from "../../ports/accounts.ts";
import type { Changes } from "../../ports/changes.ts";
import type { History } from "../../ports/history.ts";
import type { StopIssues } from "../../ports/kill-switch.ts";
import type { KnownBad } from "../../ports/known-bad.ts";
import type { Merging } from "../../ports/merging.ts";
import type { Pulls } from "../../ports/pulls.ts";
import type { Redeploys } from "../../ports/redeploys.ts";
import type { Trees } from "../../ports/trees.ts";
import type { Vouching } from "../../ports/vouching.ts";
import type { GithubClient } from "./api/client.ts";
import { connect, type Github } from "./api/repository.ts";
import { files } from "./files/files.ts";
import { between, find, texts } from "./files/texts.ts";
import { commits, readCommit, shas } from "./git/commits.ts";
import { changedPaths, contains } from "./git/compare.ts";
import { readBlob } from "./git/trees.ts";
import { openPulls } from "./history/branch-delta.ts";
import { readBefore, readChange, readChanged, readSides, readTip } from "./history/change.ts";
import { withFiles } from "./history/change-files.ts";
import { ancestors, branchesAt, compareChanges, touching } from "./history/changes.ts";
import { dependents } from "./history/dependents.ts";
import { landed } from "./history/landed.ts";
import { mergedPulls } from "./history/merged-pulls.ts";
import { undone } from "./history/undone.ts";
import { arm, disarm, isSameMerged, updateBranch } from "./merging/arm.ts";
import { gates } from "./merging/gates.ts";
import { merge } from "./merging/merge.ts";
import { vouchForGroup, vouchForPull } from "./merging/vouch.ts";
import { authors, codeowners, isMember, pushers } from "./pulls/accounts.ts";
import { writeDraft } from "./pulls/draft.ts";
import { commitsOf, flagKnownBad, landedBy, theirPull } from "./pulls/known-bad.ts";
import { openPull } from "./pulls/open.ts";
import { closePull, comment, findPull, readPull, reopened, setCheck } from "./pulls/pulls.ts";
import { said } from "./pulls/said.ts";
import { changedFiles, deployTimes, findDeploy, readDeploy, startDeploy, workflow } from "./redeploys.ts";
import { isOn } from "./stop-issue.ts";

export { type GithubAccess, type GithubClient, githubClient } from "./api/client.ts";

export type GithubAs = { client: GithubClient; keepsPictures?: boolean };

export type GithubPorts = History &
  Trees &
  Pulls &
  Merging &
  Vouching &
  KnownBad &
  Changes &
  Accounts &
  StopIssues;

/**
 * GitHub as the ports. After an unknown outcome call again: every method reads before it writes, or its write is idempotent. A credential
 * that only comments keeps no pictures: links stand in their place.
 */
export const github = ({ client, keepsPictures }: GithubAs): GithubPorts => {
  const to = connect(client, keepsPictures);
  return {
    ...historyOf(to),
    ...treesOf(to),
    ...bind(to, pulls),
    ...bind(to, merging),
    ...bind(to, { vouchForPull, vouchForGroup }),
    ...bind(to, { theirPull, commitsOf, landedBy, flagKnownBad }),
    ...bind(to, changes),
    ...bind(to, { isOn }),
    ...bind(to, accounts),
  };
};

const pulls = {
  findPull,
  openPull,
  pull: readPull,
  reopened,
  setCheck,
  merge,
  comment,
  writeDraft,
  closePull,
};
const merging = { gates, updateBranch, arm, disarm, isSameMerged };
const redeploys = { workflow, startDeploy, findDeploy, readDeploy, changedFiles, deployTimes };
const changes = {
  compare: compareChanges,
  ancestors,
  mergedPulls,
  openPulls,
  touching,
  withFiles,
  branchesAt,
};
const accounts = { authors, pushers, isMember, codeowners, said };
const trees = {
  before: readBefore,
  changed: readChanged,
  sides: readSides,
  tip: readTip,
  blob: readBlob,
  texts,
  files,
};
const history = {
  ...{ commits, shas, change: readChange, commit: readCommit, find, landed, dependents, between },
  ...{ contains, undone, changedPaths },
};

/** The redeploys alone: few callers may start any. */
export const redeploysOf = ({ client }: { client: GithubClient }): Redeploys =>
  bind(connect(client), redeploys);

/** People alone, for callers that read nothing else. */
export const accountsOf = ({ client }: { client: GithubClient }): Accounts => bind(connect(client), accounts);

export const historyOf = (github: Github): History => bind(github, history);
export const treesOf = (github: Github): Trees => bind(github, trees);

type Call = (github: Github, ...rest: never[]) => unknown;
type Bound<T extends Record<string, Call>> = {
  [Name in keyof T]: T[Name] extends (github: Github, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** Each function with `github` as its first argument. */
const bind = <T extends Record<string, Call>>(github: Github, calls: T): Bound<T> =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, (...rest: never[]) => call(github, ...rest)]),
  ) as Bound<T>;
