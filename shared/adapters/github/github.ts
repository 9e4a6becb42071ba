import type { Source } from "../../ports/source.ts";
import type { Reads } from "../../remedy/revert/change-set.ts";
import { readBefore, readChange, readSides, readTip } from "./change.ts";
import type { GithubClient } from "./client.ts";
import { commits, history, readCommit } from "./commits.ts";
import { changedPaths, contains } from "./compare.ts";
import { dependents } from "./dependents.ts";
import { files } from "./files.ts";
import { landed } from "./landed.ts";
import { merge } from "./merge.ts";
import { openPull } from "./open.ts";
import { closePull, comment, findPull, readPull, setCheck } from "./pulls.ts";
import { connect, type Github } from "./repository.ts";
import { between, find, texts } from "./texts.ts";
import { readBlob } from "./trees.ts";

export { type GithubAccess, type GithubClient, githubClient } from "./client.ts";

/** GitHub as a Source. After an unknown outcome call again: every method reads before it writes, or writes what is the same twice. */
export function github({ client }: { client: GithubClient }): Source {
  const to = connect(client);
  return {
    commits: (service, range) => commits(to, service, range),
    history: (service, range) => history(to, service, range),
    ...reads(to),
    texts: (service, sha, files) => texts(to, service, { sha, ...files }),
    find: (service, name) => find(to, service, name),
    between: (service, range) => between(to, service, range),
    files: (service, which) => files(to, service, which),
    findPull: (service, branch) => findPull(to, service, branch),
    openPull: (service, proposal) => openPull(to, service, proposal),
    pull: (service, pull) => readPull(to, service, pull),
    changedPaths: (service, from, now = service.branch) => changedPaths(to, service, { from, to: now }),
    setCheck: (service, head, state, description) => setCheck(to, service, { head, state, description }),
    merge: (service, pull) => merge(to, service, pull),
    contains: (service, ancestor, descendant) => contains(to, service, { ancestor, descendant }),
    comment: (service, pull, notes) => comment(to, service, pull, notes),
    closePull: (service, pull) => closePull(to, service, pull),
  };
}

/** What a revert is computed from. */
export const reads = (to: Github): Reads => ({
  change: (service, name) => readChange(to, service, name),
  commit: (service, name) => readCommit(to, service, name),
  landed: (service, commit) => landed(to, service, commit),
  before: (service, of) => readBefore(to, service, of),
  sides: (service, of) => readSides(to, service, of),
  tip: (service, of) => readTip(to, service, of),
  dependents: (service, of) => dependents(to, service, of),
  blob: (service, sha) => readBlob(to, service, sha),
});
