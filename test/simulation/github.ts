import { UpstreamError } from "../../shared/errors.ts";
import type { Edit, FileChange } from "../../shared/git/model.ts";
import type { Pull } from "../../shared/incident/model.ts";
import type { Accounts, Review, Spoken } from "../../shared/ports/accounts.ts";
import type { Commit, History, Landed } from "../../shared/ports/history.ts";
import type { Merging } from "../../shared/ports/merging.ts";
import type { Proposal, PullNow, Pulls, Reopening } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Trees } from "../../shared/ports/trees.ts";
import { takenBack } from "../../shared/remedy/revert/revert-messages.ts";
import { freeGates } from "../support/gates.ts";
import type { Door } from "./door.ts";
import type { Files, Repository, Snapshot } from "./repository.ts";

export const bot = "countersteer[bot]";
export const main = "main";

export type PullRecord = {
  number: number;
  branch: string;
  head: string;
  base: string;
  /** Where it left its base. */
  from: string;
  title: string;
  body: string;
  labels: string[];
  state: "open" | "closed" | "merged";
  mergeSha?: string;
  by?: string;
  closedAt?: number;
  reopened?: Reopening;
  comments: { id: number; by: string; marker?: string; text: string; at: number }[];
  reviews: Review[];
  statuses: Map<string, string>;
};

/** Told of everything that Countersteer itself changes, in the instant in which it is applied. */
export type Watcher = {
  opened(pull: PullRecord): void;
  merging(pull: PullRecord): void;
  merged(pull: PullRecord): void;
  closed(pull: PullRecord): void;
};

export type Github = ReturnType<typeof createGithub>;

/** GitHub with one repository. People change it by the methods here; Countersteer by `portsOf`. */
export const createGithub = (repository: Repository, clock: () => number, watcher: Watcher) => {
  const pulls = new Map<number, PullRecord>();
  const branches = new Map<string, string>();
  let comments = 0;
  const must = (number: number): PullRecord => {
    const found = pulls.get(number);
    if (found === undefined)
      throw new UpstreamError("github", `no pull request ${number}`, { retryable: false, status: 404 });
    return found;
  };
  const changesOf = ({ from, head }: PullRecord): FileChange[] =>
    repository.changed(repository.of(from).files, repository.of(head).files);
  const conflicts = (pull: PullRecord): boolean => {
    const { files } = repository.head();
    return changesOf(pull).some(({ path, before }) => files.get(path) !== before);
  };
  const merge = (pull: PullRecord, by: string): Snapshot => {
    const files = new Map(repository.head().files);
    for (const { path, after } of changesOf(pull))
      after === undefined ? files.delete(path) : files.set(path, after);
    const message = repository.of(pull.head).message;
    const made = repository.land({ message, author: by, at: clock(), files });
    Object.assign(pull, { state: "merged", mergeSha: made.sha, by });
    return made;
  };
  const close = (pull: PullRecord, by: string): void => {
    if (pull.state === "open") Object.assign(pull, { state: "closed", by, closedAt: clock() });
  };
  const state = {
    ...{ pulls, branches, repository, watcher, clock, must, changesOf, conflicts, merge, close },
    comment: (pull: PullRecord, by: string, text: string, marker?: string): void => {
      comments += 1;
      pull.comments.push({ id: comments, by, text, at: clock(), ...(marker !== undefined && { marker }) });
    },
    newest: (branch: string): PullRecord | undefined =>
      [...pulls.values()].findLast((pull) => pull.branch === branch),
    open: (
      pull: Omit<PullRecord, "number" | "state" | "comments" | "reviews" | "statuses" | "labels">,
    ): PullRecord => {
      const made: PullRecord = {
        ...{ ...pull, number: pulls.size + 1, state: "open", comments: [], reviews: [], labels: [] },
        statuses: new Map(),
      };
      pulls.set(made.number, made);
      return made;
    },
    /** A person pushes to the pull request's branch. */
    push: (pull: PullRecord, by: string, change: (files: Map<string, string>) => void): void => {
      const files = new Map(repository.of(pull.head).files);
      change(files);
      const made = repository.add({ parent: pull.head, message: "more", author: by, at: clock(), files });
      branches.set(pull.branch, made.sha);
      pull.head = made.sha;
    },
    reopen: (pull: PullRecord, by: string): void => {
      if (pull.state !== "closed") return;
      delete pull.by;
      delete pull.closedAt;
      Object.assign(pull, {
        state: "open",
        reopened: { by, at: clock(), ...(by === bot && { byUs: true }) },
      });
    },
  };
  return state;
};

const nowOf = (github: Github, pull: PullRecord): PullNow => {
  const { number, branch, head, base, state, mergeSha, by, closedAt, labels } = pull;
  const changes = github.changesOf(pull);
  const diff = changes.map(({ path, before, after }) => `${path}:${before}:${after}`).join();
  const url = `http://github.test/acme/shop/pull/${number}`;
  const baseSha = github.repository.head().sha;
  return {
    pull: { number, url, branch, head, base, baseSha, diff: github.repository.idOf(diff) },
    ...{ state, paths: changes.map(({ path }) => path) },
    ...(mergeSha !== undefined && { mergeSha }),
    ...(by !== undefined && { by }),
    ...(state === "closed" && by === bot && { closedByUs: true as const }),
    ...(closedAt !== undefined && { closedAt }),
    ...(state === "open" && github.conflicts(pull) && { conflicts: true as const }),
    ...(state === "open" && labels.includes("countersteer/hold") && { held: true as const }),
  };
};

/** The ports of one process of the product. */
export const portsOf = (
  github: Github,
  door: Door,
): { history: History; trees: Trees; pulls: Pulls; merging: Merging; accounts: Accounts } => ({
  history: historyOf(github, door),
  trees: treesOf(github, door),
  pulls: pullsOf(github, door),
  merging: mergingOf(door),
  accounts: accountsOf(github, door),
});

const titleOf = (message: string): string => message.split("\n")[0] ?? "";
const landed = ({ sha, parent, message, author }: Snapshot): Landed => ({
  ...{ sha, message, author },
  parents: parent === undefined ? [] : [parent],
});

const commitOf = ({ repository }: Github, snapshot: Snapshot): Commit => {
  const { sha, message, author, at, parent, files } = snapshot;
  const before = parent === undefined ? new Map<string, string>() : repository.of(parent).files;
  const changes = repository.changed(before, files);
  return {
    ...landed(snapshot),
    ...{
      sha,
      message,
      author,
      at,
      title: titleOf(message),
      url: `http://github.test/acme/shop/commit/${sha}`,
    },
    paths: changes.map(({ path }) => path),
    tree: repository.treeId(snapshot),
    files: repository.listed(changes),
    removed: changes.filter(({ after }) => after === undefined).map(({ path }) => path),
  };
};

const isWithin = ({ paths }: Service, { paths: touched }: Commit): boolean =>
  paths.length === 0 || touched.some((path) => paths.some((prefix) => path.startsWith(prefix)));

const unknown = (name: string): UpstreamError =>
  new UpstreamError("github", `no commit ${name}`, { retryable: false, status: 404 });

const historyOf = (github: Github, { call }: Door): History => {
  const { repository } = github;
  const read = <T>(name: string, work: () => T): Promise<T> => call("github", name, work);
  const named = (name: string): Snapshot => {
    if (name === main) return repository.head();
    const found = repository.find(name);
    if (found === undefined) throw unknown(name);
    return found;
  };
  const since = (snapshot: Snapshot) => {
    const head = repository.head();
    const later = repository.back(head, snapshot.sha);
    return {
      head: { sha: head.sha, tree: repository.treeId(head) },
      age: later.length,
      commits: later.map(landed),
      files: repository.listed(repository.changed(snapshot.files, head.files)),
    };
  };
  const openPulls = () =>
    [...github.pulls.values()]
      .filter(({ state }) => state === "open")
      .map(({ number, title, body, branch }) => ({
        ...{ number, title, body, branch, url: `http://github.test/acme/shop/pull/${number}` },
        own: branch.startsWith("countersteer/"),
      }));
  return {
    commits: (service, { since: from, until, limit }) =>
      read("list commits", () =>
        repository
          .back(repository.head())
          .filter(({ at, parent }) => at >= from && at <= until && parent !== undefined)
          .map((one) => commitOf(github, one))
          .filter((one) => isWithin(service, one))
          .slice(0, limit),
      ),
    shas: (_, { since: from, until }) =>
      read("list shas", () =>
        repository
          .back(repository.head())
          .filter(({ at }) => at >= from && at <= until)
          .map(({ sha }) => sha),
      ),
    change: (_, name) =>
      read("read change", () => {
        const snapshot = named(name);
        if (!repository.contains(repository.head(), snapshot)) throw unknown(name);
        return { commit: commitOf(github, snapshot), since: since(snapshot), pulls: openPulls() };
      }),
    commit: (_, name) => read("read commit", () => commitOf(github, named(name))),
    find: (_, name) =>
      read("find commit", () => {
        const found = repository.find(name);
        return found && commitOf(github, found);
      }),
    landed: () => read("find landed", () => undefined),
    dependents: (_, { paths, since: { commits } }) =>
      read("find dependents", () => ({
        commits: commits.filter(({ sha }) =>
          commitOf(github, repository.of(sha)).paths.some((path) => paths.includes(path)),
        ),
        own: true,
      })),
    between: (service, { from, to, limit }) =>
      read("list between", () =>
        repository
          .back(named(to), named(from).sha)
          .map((one) => commitOf(github, one))
          .filter((one) => isWithin(service, one))
          .slice(0, limit),
      ),
    contains: (_, { ancestor, descendant }) =>
      read("compare", () => repository.contains(named(descendant), named(ancestor))),
    undone: (_, { sha, by }) =>
      read("read what undoes it", () => {
        const [change, now] = [named(sha), named(by)];
        if (change.sha === now.sha || change.parent === undefined) return undefined;
        const before = repository.of(change.parent).files;
        const paths = repository
          .changed(before, change.files)
          .filter(
            ({ path }) =>
              now.files.get(path) === before.get(path) && now.files.get(path) !== change.files.get(path),
          )
          .map(({ path }) => path);
        const says = takenBack(change.sha, repository.back(now, change.sha).map(landed));
        if (paths.length === 0 && says === undefined) return undefined;
        return { paths, ...(says && { commit: says }) };
      }),
    changedPaths: (_, { from, to }) =>
      read("read changed paths", () =>
        repository.changed(named(from).files, named(to).files).map(({ path }) => path),
      ),
  };
};

const treesOf = ({ repository }: Github, { call }: Door): Trees => {
  const read = <T>(name: string, work: () => T): Promise<T> => call("github", name, work);
  const parentOf = (sha: string): Snapshot => {
    const { parent } = repository.of(sha);
    if (parent === undefined) throw unknown(`${sha}~1`);
    return repository.of(parent);
  };
  return {
    before: (_, { commit: { sha } }) => read("read tree before", () => repository.treeOf(parentOf(sha))),
    changed: async (_, { commit }) => commit.files,
    sides: (_, { commit, from }) =>
      read("read sides", () => {
        const snapshot = repository.of(commit.sha);
        const before = from === undefined ? parentOf(commit.sha) : repository.of(from);
        const files = repository.listed(repository.changed(before.files, snapshot.files));
        return { base: repository.treeOf(snapshot), theirs: repository.treeOf(before), files };
      }),
    tip: () =>
      read("read tip", () => {
        const head = repository.head();
        return { head: head.sha, headTree: repository.treeId(head), ours: repository.treeOf(head) };
      }),
    blob: (_, id) => read("read blob", () => Buffer.from(repository.text(id) ?? "")),
    texts: (_, { sha, wanted, limit }) =>
      read("read texts", () =>
        repository
          .changed(parentOf(sha).files, repository.of(sha).files)
          .filter(({ path }) => wanted(path))
          .slice(0, limit),
      ),
    files: (_, { wanted }) =>
      read("read files", () => {
        const head = repository.head();
        const found = [...head.files].filter(([path]) => wanted(path));
        const files = new Map(
          found.map(([path, text]) => [path, { mode: "100644", sha: repository.idOf(text), text }]),
        );
        return { head: head.sha, headTree: repository.treeId(head), files };
      }),
  };
};

const editedBy = (github: Github, files: Files, edits: Edit[]): Map<string, string> => {
  const after = new Map(files);
  for (const edit of edits) {
    if ("deleted" in edit) after.delete(edit.path);
    else if ("content" in edit) after.set(edit.path, Buffer.from(edit.content).toString("utf8"));
    else after.set(edit.path, github.repository.text(edit.sha) ?? "");
  }
  return after;
};

/** A repository that asks for nothing beside the approval. */
const mergingOf = (door: Door): Merging => {
  const refuse = (what: string) => async (): Promise<never> => {
    throw new Error(`${what} although GitHub asks for nothing`);
  };
  return {
    gates: () => door.call("github", "read the conditions", () => freeGates),
    updateBranch: refuse("a branch is updated"),
    arm: refuse("auto-merge is used"),
    disarm: refuse("auto-merge is taken back"),
    isSameMerged: refuse("a merge is compared"),
  };
};

const pullsOf = (github: Github, door: Door): Pulls => {
  const { watcher } = github;
  const call = <T>(name: string, work: () => T): Promise<T> => door.call("github", name, work);
  return {
    findPull: (_, branch) =>
      call("find pull request", () => {
        const found = github.newest(branch);
        return found && nowOf(github, found);
      }),
    openPull: (_, proposal) => openPull(github, call, proposal),
    pull: (_, { number }) => call("read pull request", () => nowOf(github, github.must(number))),
    reopened: (_, { number }) => call("read events", () => github.must(number).reopened).catch(unlessUntold),
    setCheck: (_, { head, state }) =>
      call("set check", () => {
        for (const pull of github.pulls.values()) if (pull.head === head) pull.statuses.set(head, state);
      }),
    merge: async (_, pull) => {
      watcher.merging(github.must(pull.number));
      return call("merge", () => mergeNow(github, pull));
    },
    comment: async (_, { number }, notes) => {
      const known = await call(
        "read comments",
        () => new Set(github.must(number).comments.map(({ marker }) => marker)),
      );
      for (const note of notes.filter(({ marker }) => !known.has(marker)))
        await call("comment", () => github.comment(github.must(number), bot, note.markdown, note.marker));
    },
    async writeDraft() {},
    closePull: (_, { number }) =>
      call("close pull request", () => {
        const pull = github.must(number);
        const was = pull.state;
        github.close(pull, bot);
        if (was === "open") watcher.closed(pull);
      }),
  };
};

const mergeNow = (github: Github, { number, head }: Pull): Awaited<ReturnType<Pulls["merge"]>> => {
  const pull = github.must(number);
  if (pull.state === "merged" && pull.head === head)
    return { result: "merged", sha: pull.mergeSha ?? head, by: pull.by ?? bot };
  if (pull.state === "closed") return { result: "closed", by: pull.by ?? "someone" };
  if (pull.head !== head) return { result: "moved", detail: `#${number} is at ${pull.head}` };
  if (github.conflicts(pull)) return { result: "conflict", detail: `#${number} conflicts` };
  const { sha } = github.merge(pull, bot);
  github.watcher.merged(pull);
  return { result: "merged", sha, by: bot };
};

type Call = <T>(name: string, work: () => T) => Promise<T>;

/** An account that may not read events is not told who opened a pull request again. */
const unlessUntold = (error: unknown): undefined => {
  if (!(error instanceof UpstreamError) || error.retryable) throw error;
};

/** Branch, pull request, label and status, each a request of its own; an earlier try is adopted. */
const openPull = async (github: Github, call: Call, proposal: Proposal): Promise<Pull> => {
  const found = await call("find pull request", () => free(github, proposal));
  const pull = found.pull ?? (await opened(github, call, proposal, found.branch));
  await call("label", () => void pull.labels.push(...proposal.labels));
  await call("set check", () => void pull.statuses.set(pull.head, "pending"));
  const { pull: now } = nowOf(github, pull);
  return { ...now, baseSha: pull.from };
};

type Found = { branch: string; pull?: PullRecord };

/** The open pull request of the proposal, or the first branch whose pull request is over. */
const free = (github: Github, { branch: root, instead, edits }: Proposal): Found => {
  const known: Required<Found>[] = [];
  for (let count = 1; ; count++) {
    const branch = count === 1 ? root : `${root}-${count}`;
    const pull = github.newest(branch);
    if (pull?.state === "open") return { branch, pull };
    if (pull === undefined) return closedOf(github, { known, instead, edits }) ?? { branch };
    known.push({ branch, pull });
  }
};

type Known = Pick<Proposal, "edits"> & { instead: number | undefined; known: Required<Found>[] };

/** The first closed one that still holds this revert, opened again. */
const closedOf = (github: Github, { known, instead, edits }: Known): Found | undefined => {
  for (const { branch, pull } of known) {
    if (pull.state !== "closed" || pull.number === instead) continue;
    const files = editedBy(github, github.repository.of(pull.from).files, edits);
    if (github.repository.changed(files, github.repository.of(pull.head).files).length > 0) continue;
    github.reopen(pull, bot);
    const again = github.must(pull.number);
    github.watcher.opened(again);
    return { branch, pull: again };
  }
  return undefined;
};

const opened = async (
  github: Github,
  call: Call,
  proposal: Proposal,
  branch: string,
): Promise<PullRecord> => {
  const { snapshot, edits, commitMessage, title, body } = proposal;
  const { repository } = github;
  const head = await call("create branch", () => {
    const known = github.branches.get(branch);
    if (known !== undefined) return known;
    const files = editedBy(github, repository.of(snapshot.head).files, edits);
    const made = repository.add({
      parent: snapshot.head,
      message: commitMessage,
      author: bot,
      at: github.clock(),
      files,
    });
    github.branches.set(branch, made.sha);
    return made.sha;
  });
  return call("open pull request", () => {
    const known = github.newest(branch);
    if (known?.state === "open") return known;
    const from = repository.of(head).parent ?? snapshot.head;
    const pull = github.open({ branch, head, base: main, from, title, body });
    github.watcher.opened(pull);
    return pull;
  });
};

const accountsOf = (github: Github, { call }: Door): Accounts => ({
  authors: (_, { commits }) =>
    call("github", "read authors", () => ({
      logins: [...new Set(commits.map((sha) => github.repository.of(sha).author.toLowerCase()))],
      isComplete: true,
    })),
  pushers: (_, number) =>
    call("github", "read pushers", () => {
      const pull = github.must(number);
      const own = github.repository.back(github.repository.of(pull.head), pull.from);
      return {
        logins: own.map(({ author }) => author.toLowerCase()).filter((login) => login !== bot),
        isComplete: true,
      };
    }),
  isMember: () => call("github", "read team", () => false),
  said: (_, { number }) =>
    call("github", "read reviews", () => {
      const { reviews, comments } = github.must(number);
      const commands = comments
        .filter(({ text }) => text.startsWith("/countersteer"))
        .map(({ id, by, text, at }): Spoken => ({ id, by, text, at }));
      return { reviews: [...reviews], commands };
    }),
  codeowners: () => call("github", "read CODEOWNERS", () => undefined),
});
